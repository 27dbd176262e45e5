import type { core } from "@pulumi/kubernetes/types/input";
import type { RemoteStackFile } from "../../../contracts/stack-file";
import type { JobName } from "../../ports";
import { jobLogins } from "../../postgres/access/matrix";
import { toBytes } from "../../../lib/values";
import { image, paths } from "../kit/image";
import { names } from "../kit/names";
import { configuration, container, memoryFolder, pod, temporary } from "../kit/pods";
import type { KubernetesSettings } from "../schema";
import { MB } from "../../../lib/units";

/** A job on a schedule; its name is also that of its component and its service account. */
export type ScheduledName = Exclude<JobName, "metrics">;

/** Login of a job, where it has one. */
export const jobLoginOf = (job: ScheduledName): string | undefined =>
  job in jobLogins ? jobLogins[job as keyof typeof jobLogins] : undefined;

/** Secret with the password of a job's login. */
export const loginSecretNameOf = (job: ScheduledName): string => `${job}-login`;

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
export const opensDumps: ScheduledName = "drill";

const configFiles = (job: ScheduledName, { ownKey, tokens }: JobPodInput) =>
  configuration([
    { configMap: `job-${job}`, items: { "job.json": paths.job } },
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

/** Of a container that uses services of the cloud. */
export const environment = (region: string): core.v1.EnvVar[] => [
  { name: "AWS_REGION", value: region },
  { name: "HOME", value: "/tmp" },
];

/** Text of a job file. */
export const jobFileOf = (file: RemoteStackFile): string => `${JSON.stringify(file, undefined, 2)}\n`;

/** Path of the command in the image. */
export const commandOf = (args: readonly string[]): string[] => [image.howdah, "--job-file", paths.job, ...args];

/** The pod of a scheduled job, with a disk to work on. */
export function jobPod(job: ScheduledName, args: readonly string[], input: JobPodInput): core.v1.PodSpec {
  const { settings, region } = input;
  const { volume, mount } = configFiles(job, input);
  const disk = mebibytes(toBytes(settings.jobs.workSize));
  return pod({
    serviceAccountName: job,
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
