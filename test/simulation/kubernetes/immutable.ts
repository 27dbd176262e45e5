/** Kinds without a namespace; every other kind has one. */
export const clusterScoped: ReadonlySet<string> = new Set([
  "APIService",
  "CertificateSigningRequest",
  "ClusterIssuer",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

/** Of every object: it is another one with another name. */
const always = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/**
 * By kind: what the API server does not let change, and what the official provider replaces an object for beyond that
 * (the data of ConfigMaps and Secrets, so that pods start again).
 */
const byKind: Readonly<Record<string, readonly string[]>> = {
  ClusterRoleBinding: ["roleRef"],
  ConfigMap: ["data", "binaryData"],
  DaemonSet: ["spec.selector"],
  Deployment: ["spec.selector"],
  Job: ["spec.selector", "spec.template", "spec.completionMode"],
  PersistentVolumeClaim: ["spec.accessModes", "spec.storageClassName", "spec.volumeName", "spec.selector"],
  RoleBinding: ["roleRef"],
  Secret: ["data", "stringData", "type"],
  Service: ["spec.clusterIP"],
  StatefulSet: ["spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"],
  StorageClass: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
};

/** Settings of the provider that keep objects of a kind when their data change. */
export interface Mutable {
  readonly ConfigMap: boolean;
  readonly Secret: boolean;
}

/** Dotted paths whose change needs a new object. */
export function replacingOf(kind: string, mutable: Mutable): readonly string[] {
  const keeps = (kind === "ConfigMap" && mutable.ConfigMap) || (kind === "Secret" && mutable.Secret);
  const own = byKind[kind] ?? [];
  return [...always, ...(keeps ? own.filter((path) => path === "type") : own)];
}
