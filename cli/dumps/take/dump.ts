import { join } from "node:path";
import type { Readable } from "node:stream";
import { socketLogins } from "../../../components/backup/socket-logins";
import type { LogicalJob } from "../job";
import { run } from "../../../lib/process/task";
import { asLogin, type DatabaseServer, isRemote } from "../../session/sql";
import type { LogicalKind } from "../store/names";
import { outputOf } from "../programs";

/** Milliseconds that a dump waits for a table that another session holds exclusively; then it fails, instead of waiting forever. */
const lockWait = 600_000;

/** gzip: what the `pg_dump` of every version, however it was built, writes and reads. */
const compression = 6;

/**
 * Made by the platform from the program, and not by the users of the database: a restore gets it again from there. Its function belongs to
 * a role that a login without superuser's rights could not give it to.
 */
export const howdahSchemas = ["pooler"] as const;

/** Schemas that a dump leaves out: pg_cron's jobs are hidden from other logins, and no restore could give them back. */
export const excludedSchemas = (extensions: readonly { readonly name: string }[]): string[] => [
  ...howdahSchemas,
  ...(extensions.some(({ name }) => name === "pg_cron") ? ["cron"] : []),
];

/** The server as the login that dumps, which is not a superuser. */
export const asDumper = (server: DatabaseServer): DatabaseServer =>
  isRemote(server) ? server : asLogin(server, socketLogins.reader);

/** How a dump reaches the database, and what ends it. */
export interface DumpRun {
  /** The database's own: its bytes as they are. Otherwise the one that its owner may set for every session decides. */
  readonly encoding: string;
  /** Of `withDatabase`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Of `excludedSchemas`. */
  readonly excluded: readonly string[];
}

/**
 * Bytes of an archive in PostgreSQL's custom format. The stream fails if `pg_dump` does, also after its last byte: so does one
 * that meets a table, sequence or large object that its login may not read.
 */
export function dump(
  job: LogicalJob,
  kind: LogicalKind,
  { encoding, environment, signal, excluded }: DumpRun,
): Readable {
  const args = [
    "--format=custom",
    `--compress=${compression}`,
    "--no-password",
    `--encoding=${encoding}`,
    `--lock-wait-timeout=${lockWait}`,
    ...(kind === "schema" ? ["--schema-only"] : []),
    ...excluded.map((schema) => `--exclude-schema=${schema}`),
  ];
  const program = join(job.postgresBin, "pg_dump");
  return outputOf({ program, args, variables: environment, lowPriority: true, signal });
}

/** Such as `15.14 (Debian 15.14-0+deb12u1)`. */
export async function dumpVersion(job: LogicalJob): Promise<string> {
  const text = await run({ program: join(job.postgresBin, "pg_dump"), args: ["--version"] });
  return text.replace(/^pg_dump \(PostgreSQL\) /, "");
}
