import type { Provider } from "@pulumi/kubernetes";
import type { meta } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { type ComponentName, labelsOf } from "./names";

/** The cluster and namespace of objects, and the resources that must exist first. */
export interface KubeScope {
  readonly stack: string;
  readonly namespace: string;
  readonly provider: Provider;
  readonly ready: readonly pulumi.Resource[];
}

/** Metadata of an object in the namespace. */
export const metadataOf = (
  { stack, namespace }: Pick<KubeScope, "stack" | "namespace">,
  name: string,
  component?: ComponentName,
): meta.v1.ObjectMeta & { readonly name: string } => ({ name, namespace, labels: labelsOf(stack, component) });

/** Options of an object in the namespace. @param needs what has to exist besides */
export const within = (
  parent: pulumi.Resource,
  scope: KubeScope,
  needs: readonly pulumi.Resource[] = [],
): pulumi.CustomResourceOptions => ({ parent, provider: scope.provider, dependsOn: [...scope.ready, ...needs] });
