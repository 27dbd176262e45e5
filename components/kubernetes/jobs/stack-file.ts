import type { RemoteMonitoring } from "../../../contracts/collector";
import { type RemoteStackFile, remoteStackFileSchema, type TokenAuth } from "../../../contracts/stack-file";
import { sharedStackFile } from "../../backup/stack-file";
import type { Address, PlatformInput, JobName } from "../../ports";
import { jobLogins, monitoringLogin } from "../../postgres/access/matrix";
import { paths, postgresBin } from "../kit/image";

export interface RemoteStackFileInput {
  readonly input: Pick<PlatformInput, "stack" | "databases" | "backup" | "objectives" | "plan">;
  /** Major version of PostgreSQL's programs in the image. */
  readonly imagePostgres: number;
  readonly primary: Address;
  /** How jobs get a token to log in with; without it they have passwords. */
  readonly tokens: TokenAuth | undefined;
  readonly dumps: { readonly bucket: string; readonly prefix: string; readonly region: string };
  /** The key of the dumps: the private one only for a job that opens them; the collector needs none. */
  readonly key?: { readonly identityFile: string } | { readonly recipient: string };
  /** For the collector alone. */
  readonly monitoring?: RemoteMonitoring;
}

/** Whose login a job uses; the drill only reads what the dumps have left: it has no means to use it. */
const loginOf: Readonly<Record<JobName, string>> = {
  dump: jobLogins.dump,
  drill: jobLogins.dump,
  maintenance: jobLogins.maintenance,
  metrics: monitoringLogin,
};

/** What a job next to a cloud's database has to know. */
export function remoteStackFile(
  job: JobName,
  { input, imagePostgres, primary, tokens, dumps, key, monitoring }: RemoteStackFileInput,
): RemoteStackFile {
  const { stack, databases, backup, objectives, plan } = input;
  const passwordFile = job === "metrics" ? paths.monitoringPassword : paths.jobPassword;
  const auth = job === "metrics" ? { passwordFile } : (tokens ?? { passwordFile });
  return remoteStackFileSchema.parse({
    kind: "remote",
    stack,
    postgresBin: postgresBin(imagePostgres),
    server: { ...primary, ca: paths.authorities, user: loginOf[job], auth },
    databases: [...databases],
    ...sharedStackFile({
      backup,
      plan,
      objectives,
      logical: { destination: { s3: { ...dumps } }, ...key },
      urlFile: paths.notifyUrl,
    }),
    ...(monitoring === undefined ? {} : { monitoring }),
    folders: { work: paths.work },
  });
}
