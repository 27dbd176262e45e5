import { join } from "node:path";
import type { Readable } from "node:stream";
import type { LogicalJob } from "./job";
import { run } from "../process";
import type { SocketServer } from "../sql";
import type { LogicalKind } from "./names";
import { libpqEnvironment, outputOf } from "./programs";

/** What is dumped, and from where. */
export interface DumpSource {
  readonly database: string;
  readonly kind: LogicalKind;
  readonly server: SocketServer;
}

/** Milliseconds that a dump waits for a table which somebody holds exclusively; then it fails, instead of waiting for ever. */
const lockWait = 600_000;

/** gzip: what the `pg_dump` of every version, however it was built, writes and reads. */
const compression = 6;

/** Bytes of an archive in PostgreSQL's custom format. The stream fails where `pg_dump` does, also after its last byte. */
export function dump(job: LogicalJob, source: DumpSource, signal: AbortSignal): Readable {
  const { database, kind, server } = source;
  const command = [
    join(job.postgresBin, "pg_dump"),
    "--format=custom",
    `--compress=${compression}`,
    "--no-password",
    `--lock-wait-timeout=${lockWait}`,
    ...(kind === "schema" ? ["--schema-only"] : []),
  ];
  return outputOf({ command, environment: libpqEnvironment(server, database), lowPriority: true, signal });
}

/** Such as `15.14 (Debian 15.14-0+deb12u1)`. */
export async function dumpVersion(job: LogicalJob): Promise<string> {
  const text = await run({ command: [join(job.postgresBin, "pg_dump"), "--version"] });
  return text.replace(/^pg_dump \(PostgreSQL\) /, "");
}
