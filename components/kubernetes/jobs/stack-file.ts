import { type RemoteJob, remoteJobSchema, type TokenAuth } from "../../../contracts/remote-stack-file";
import { tierNames } from "../../../contracts/tiers";
import type { Address, PlatformInput, JobName } from "../../ports";
import { jobLogins } from "../../postgres/access/matrix";
import { toSeconds } from "../../../lib/values";
import { paths, postgresBin } from "../kit/image";

export interface JobFileInput {
  readonly input: Pick<PlatformInput, "stack" | "databases" | "backup" | "objectives" | "plan">;
  /** Major version of PostgreSQL's programs in the image. */
  readonly imagePostgres: number;
  readonly primary: Address;
  /** How jobs get a token to log in with; without it they have passwords. */
  readonly tokens: TokenAuth | undefined;
  readonly dumps: { readonly bucket: string; readonly prefix: string; readonly region: string };
  /** The key of the dumps: the private one only for a job that opens them. */
  readonly key: { readonly identityFile: string } | { readonly recipient: string };
}

/** Whose login a job uses; the drill and the metrics only read what the dumps have left: they have no means to use it. */
const loginOf: Readonly<Record<JobName, string>> = {
  dump: jobLogins.dump,
  drill: jobLogins.dump,
  maintenance: jobLogins.maintenance,
  metrics: jobLogins.dump,
};

const tiersOf = ({ tiers }: PlatformInput["backup"]): RemoteJob["tiers"] =>
  Object.fromEntries(
    tierNames.map((name) => [name, { schedule: tiers[name].schedule, keptSeconds: toSeconds(tiers[name].kept) }]),
  ) as RemoteJob["tiers"];

/** What a job beside a cloud's database has to know. */
export function remoteJob(
  job: JobName,
  { input, imagePostgres, primary, tokens, dumps, key }: JobFileInput,
): RemoteJob {
  const { stack, databases, backup, objectives, plan } = input;
  const auth = tokens ?? { passwordFile: paths.jobPassword };
  return remoteJobSchema.parse({
    kind: "remote",
    stack,
    postgresBin: postgresBin(imagePostgres),
    server: { ...primary, ca: paths.authorities, user: loginOf[job], auth },
    databases: [...databases],
    tiers: tiersOf(backup),
    logical: { destination: { s3: { ...dumps } }, ...key },
    ...(backup.notify === undefined ? {} : { notify: { urlFile: paths.notifyUrl, format: backup.notify.format } }),
    objectives: {
      rtoSeconds: toSeconds(objectives.rto),
      archiveSeconds: plan.archiveTimeout,
      drillSeconds: toSeconds(backup.drill.overdue),
      pointInTimeSeconds: toSeconds(backup.pointInTime),
    },
    folders: { work: paths.work },
  });
}
