import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Destination, type RemoteStackFile, remoteStackFileSchema } from "../../../../contracts/stack-file";
import { identitiesIn, withEarlier } from "../../../../components/backup/age-identity";
import { jobLogins } from "../../../../components/postgres/access/matrix";
import { databasesSchema } from "../../../../components/postgres/schema";
import { accessSql } from "../postgres/access-sql";
import { dataFolder } from "../postgres/data-folder";
import { logicalJob, newIdentity, programsWith } from "./logical";
import { startTlsPostgres, type TlsFolder, tlsFolder } from "../postgres/tls-postgres";
import type { ThrowawayPostgres } from "../postgres/throwaway-postgres";

/** A cloud's database as a job sees it: TLS, the program's grants, and logins that are no superusers. */
export interface RemoteDatabase {
  readonly postgres: ThrowawayPostgres;
  readonly folder: TlsFolder;
  /** Folder of the job's own, for its work, keys and, by default, dumps. */
  readonly place: string;
  /** Folder for programs, which may not run from `place`. */
  readonly programs: string;
  /** A job as that login. @param destination default: a folder */
  job(login?: "dump" | "maintenance", destination?: Destination): RemoteStackFile;
  /** Puts another key above those of the identity file, as `up` does in a stack whose key changes. */
  rotateKey(): Promise<void>;
  /** Runs SQL in a database as a role, after SET ROLE. */
  as(role: string, sql: string, database?: string): Promise<unknown[]>;
  stop(): Promise<void>;
}

const databases = databasesSchema.parse({
  app: { schemas: ["app"], applications: { web: { pool: 5 } } },
  audit: { schemas: ["audit"], applications: { trail: {} } },
});

/** A password with what a password file and a command line give a meaning, as long as a token. */
export const awkward = `:\\ '"$x ${"token/+=&%".repeat(90)}:end\\`;

/** Runs once for the same flags: of drills, the first has a new cluster made, and the others get a copy of it. */
const rememberingInitdb = (place: string): string => `data=\${1#--pgdata=}; shift
made="${place}/made with $*"
[ -d "$made" ] || "$real" "--pgdata=$made" "$@" || exit
exec cp --archive "$made" "$data"`;

export async function startRemote(): Promise<RemoteDatabase> {
  const folder = await tlsFolder();
  const postgres = await startTlsPostgres(folder, ["password_encryption=scram-sha-256"]);
  const passwords = { [jobLogins.dump]: awkward, [jobLogins.maintenance]: awkward };
  for (const { database, sql } of accessSql(databases, { tokenGroup: "rds_iam" }, passwords))
    await postgres.sql(database, sql);
  const place = await dataFolder("remote");
  const passwordFile = join(place, "password");
  writeFileSync(passwordFile, `${awkward}\n`, { mode: 0o600 });
  const identityFile = join(place, "identity");
  writeFileSync(identityFile, `${await newIdentity()}\n`, { mode: 0o600 });
  const [row] = await postgres.sql<{ bin: string }>(
    "postgres",
    "SELECT setting AS bin FROM pg_config WHERE name = 'BINDIR'",
  );
  const programs = mkdtempSync(join(tmpdir(), "howdah-programs-"));
  chmodSync(programs, 0o755);
  const bin = programsWith(row!.bin, { folder: programs, name: "initdb", script: rememberingInitdb(place) });
  const { caFile: ca } = folder;
  return {
    postgres,
    folder,
    place,
    programs,
    job: (login = "dump", destination = { folder: join(place, "store") }) =>
      remoteStackFileSchema.parse({
        ...logicalJob(bin, destination, identityFile),
        kind: "remote",
        server: { host: "localhost", port: postgres.port, ca, user: jobLogins[login], auth: { passwordFile } },
        databases: Object.keys(databases),
        objectives: { rtoSeconds: 3600, archiveSeconds: 300, drillSeconds: 604_800, pointInTimeSeconds: 604_800 },
        folders: { work: join(place, "work") },
      }),
    rotateKey: async () => {
      const earlier = identitiesIn(readFileSync(identityFile, "utf8"));
      writeFileSync(identityFile, withEarlier(`${await newIdentity()}\n`, earlier));
    },
    as: (role, sql, database = "app") => postgres.sql(database, `SET ROLE "${role}"; ${sql}`),
    stop: async () => {
      await postgres.stop();
      await folder.remove();
      for (const own of [place, programs]) rmSync(own, { recursive: true, force: true });
    },
  };
}
