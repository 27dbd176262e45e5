import type { core } from "@pulumi/kubernetes/types/input";
import type { JobName } from "../../ports";
import { jobLogins } from "../../postgres/access/matrix";
import { toBytes } from "../../../lib/values";
import { image, paths, ports } from "../kit/image";
import { type ComponentName, names } from "../kit/names";
import { configuration, container, memoryFolder, pod, type Size, temporary } from "../kit/pods";
import type { KubernetesSettings } from "../schema";
import { MB } from "../../../lib/units";

/** A job's component, and name of its service account. */
export const accountOf = (job: JobName): ComponentName => (job === "metrics" ? names.metrics : job);

/** Login of a job, where it has one. */
export const jobLoginOf = (job: JobName): string | undefined =>
  job in jobLogins ? jobLogins[job as keyof typeof jobLogins] : undefined;

/** Secret with the password of a job's login. */
export const loginSecretNameOf = (job: JobName): string => `${accountOf(job)}-login`;

export interface JobPodInput {
  readonly settings: Pick<KubernetesSettings, "image" | "jobs">;
  /** Of the cloud's services. */
  readonly region: string;
  /** True if the stack holds the private key of the dumps. */
  readonly ownKey: boolean;
  /** True if jobs log in with tokens of the cloud's, false if they have passwords. */
  readonly tokens: boolean;
}

/** The job that opens dumps; one that writes them needs the public key alone, which is in its job file. */
export const opensDumps: JobName = "drill";

const configFiles = (job: JobName, { ownKey, tokens }: JobPodInput) =>
  configuration([
    { configMap: `job-${accountOf(job)}`, items: { "job.json": paths.job } },
    { configMap: names.authorities, items: { "server-authorities.pem": paths.authorities } },
    ...(ownKey && job === opensDumps ? [{ secret: names.dumpsKey, items: { "dumps.key": paths.dumpsKey } }] : []),
    ...(tokens || jobLoginOf(job) === undefined
      ? []
      : [{ secret: loginSecretNameOf(job), items: { password: paths.jobPassword } }]),
    { secret: names.notify, items: { url: paths.notifyUrl }, optional: true },
  ]);

const mebibytes = (bytes: number): number => Math.ceil(bytes / MB);

/** The container's own log next to the work. */
const logs = 256;

/** A throwaway server shares memory here; the usual 64 MB are too little to build an index with several processes. */
const sharedMemory = memoryFolder("shared-memory", "/dev/shm", 256);

const environment = (region: string): core.v1.EnvVar[] => [
  { name: "AWS_REGION", value: region },
  { name: "HOME", value: "/tmp" },
];

/** Path of the command in the image. */
export const commandOf = (args: readonly string[]): string[] => [image.howdah, "--job-file", paths.job, ...args];

/** The pod of a scheduled job, with a disk to work on. */
export function jobPod(job: JobName, args: readonly string[], input: JobPodInput): core.v1.PodSpec {
  const { settings, region } = input;
  const { volume, mount } = configFiles(job, input);
  const disk = mebibytes(toBytes(settings.jobs.workSize));
  return pod({
    serviceAccountName: accountOf(job),
    restartPolicy: "Never",
    containers: [
      container({
        name: job,
        image: settings.image,
        command: commandOf(args),
        env: environment(region),
        size: { cpu: [250, 2000], memory: [768, 2048], disk: disk + logs },
        volumeMounts: [mount, { name: "work", mountPath: paths.work }, temporary.mount, sharedMemory.mount],
      }),
    ],
    volumes: [volume, { name: "work", emptyDir: { sizeLimit: `${disk}Mi` } }, temporary.volume, sharedMemory.volume],
  });
}

const metricsSize: Size = { cpu: [25, 500], memory: [96, 256] };

/** The pod that shows what dumps and drills have left in the store. */
export function metricsPod(input: JobPodInput): core.v1.PodSpec {
  const { settings, region } = input;
  const { volume, mount } = configFiles("metrics", input);
  const work = memoryFolder("work", paths.work, 16);
  const health = { httpGet: { path: "/healthz", port: "metrics" }, timeoutSeconds: 5 };
  return pod({
    serviceAccountName: accountOf("metrics"),
    containers: [
      container({
        name: "metrics",
        image: settings.image,
        command: commandOf(["serve-metrics", "--listen", `0.0.0.0:${ports.backupMetrics}`]),
        env: environment(region),
        ports: [{ name: "metrics", containerPort: ports.backupMetrics }],
        size: metricsSize,
        volumeMounts: [mount, work.mount, temporary.mount],
        readinessProbe: { ...health, periodSeconds: 15 },
        livenessProbe: { ...health, periodSeconds: 30 },
      }),
    ],
    volumes: [volume, work.volume, temporary.volume],
  });
}
