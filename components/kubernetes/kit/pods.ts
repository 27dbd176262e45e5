import type { core } from "@pulumi/kubernetes/types/input";
import { basename } from "node:path";
import { image, paths } from "./image";

type Container = core.v1.Container;

/** Millicores and mebibytes: what a container is promised, and what it gets at most. */
export interface Size {
  readonly cpu: readonly [promised: number, most: number];
  readonly memory: readonly [promised: number, most: number];
  /** Mebibytes of disk, where it works on any. */
  readonly disk?: number;
}

/** A container without the properties that all have in common. */
export type ContainerArgs = Omit<Container, "securityContext" | "resources"> & { readonly size: Size };

/** A pod without the properties that all have in common. */
export type PodArgs = Omit<core.v1.PodSpec, "securityContext" | "containers" | "initContainers"> & {
  readonly serviceAccountName: string;
  readonly containers: Container[];
  readonly initContainers?: Container[];
};

const seccompProfile = { type: "RuntimeDefault" } as const;

const resources = ({ cpu, memory, disk }: Size): core.v1.ResourceRequirements => {
  const column = (at: 0 | 1): Record<string, string> => ({
    cpu: `${cpu[at]}m`,
    memory: `${memory[at]}Mi`,
    ...(disk === undefined ? {} : { "ephemeral-storage": `${disk}Mi` }),
  });
  return { requests: column(0), limits: column(1) };
};

/** A container as Kubernetes' restricted profile wants it, on a read-only root. */
export function container({ size, ...args }: ContainerArgs): Container {
  return {
    imagePullPolicy: "IfNotPresent",
    ...args,
    resources: resources(size),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: image.user,
      runAsGroup: image.user,
      seccompProfile,
    },
  };
}

/** A pod without a token for the API server; a cloud's own token comes by a volume of its own. */
export function pod(args: PodArgs): core.v1.PodSpec {
  return {
    ...args,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: image.user,
      runAsGroup: image.user,
      fsGroup: image.user,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile,
    },
  };
}

/** Keys of a ConfigMap or Secret, each with the path at which pods read it. */
export interface Source {
  readonly configMap?: string;
  readonly secret?: string;
  readonly items: Readonly<Record<string, string>>;
  /** Pods start without it. */
  readonly optional?: boolean;
}

/** Readable for the user's group, which is the volume's. */
const mode = 0o440;

/** All mounted configuration of a container, in one folder: `paths.configuration`. @param name of the volume */
export function configuration(
  sources: readonly Source[],
  name = "configuration",
): { volume: core.v1.Volume; mount: core.v1.VolumeMount } {
  const projection = ({ configMap, secret, items, optional }: Source): core.v1.VolumeProjection => {
    const common = {
      items: Object.entries(items).map(([key, path]) => ({ key, path: basename(path) })),
      ...(optional === true ? { optional } : {}),
    };
    return {
      ...(configMap === undefined ? {} : { configMap: { name: configMap, ...common } }),
      ...(secret === undefined ? {} : { secret: { name: secret, ...common } }),
    };
  };
  return {
    volume: { name, projected: { defaultMode: mode, sources: sources.map(projection) } },
    mount: { name, mountPath: paths.configuration, readOnly: true },
  };
}

/** Keys of a Secret as files of a folder, for what is renewed on its own; readable for the user's group. */
export function secretFolder(args: {
  readonly name: string;
  readonly secret: string;
  readonly folder: string;
  readonly keys: readonly string[];
}) {
  const { name, secret, folder, keys } = args;
  const items = keys.map((key) => ({ key, path: key }));
  const volume: core.v1.Volume = { name, secret: { secretName: secret, defaultMode: mode, items } };
  const mount: core.v1.VolumeMount = { name, mountPath: folder, readOnly: true };
  return { volume, mount };
}

/** A folder in memory, for sockets and small files. */
export function memoryFolder(name: string, mountPath: string, mebibytes: number) {
  const volume: core.v1.Volume = { name, emptyDir: { medium: "Memory", sizeLimit: `${mebibytes}Mi` } };
  const mount: core.v1.VolumeMount = { name, mountPath };
  return { volume, mount };
}

/** Node and the programs of PostgreSQL want one. */
export const temporary = memoryFolder("tmp", "/tmp", 64);
