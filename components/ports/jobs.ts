/** Jobs next to the database that act on the services of a cloud, each with an identity of its own. */
export type JobName = "dump" | "drill" | "maintenance" | "metrics";

/** Who runs a job, as Kubernetes knows it. */
export interface JobSubject {
  readonly namespace: string;
  readonly serviceAccount: string;
}
