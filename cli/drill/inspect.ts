import { join } from "node:path";
import type { LocalStackFile } from "../../contracts/stack-file";
import { type Canary, canaryToken } from "../session/canary";
import { count } from "../../lib/text/format";
import type { ListedSet } from "../pgbackrest/sets";
import { run } from "../../lib/process/task";
import { sessionOptions, type SocketServer, userOf } from "../session/sql";

/** How a program of PostgreSQL's reaches the restored server. */
export const reach = (server: SocketServer): Record<string, string> => ({
  PGHOST: server.socketDirectory,
  PGPORT: String(server.port),
  PGUSER: userOf(server),
  PGOPTIONS: sessionOptions,
});

/** The canaries that the restored server must have: the drill's own, and the one from just before the backup. */
export async function checkCanaries(server: SocketServer, set: ListedSet, own: Canary | undefined): Promise<string> {
  const [backupId, backupToken] = (set.canary ?? "").split("-");
  const expected = [
    ...(own === undefined ? [] : [{ what: "the row written just before the drill", id: own.id, token: own.token }]),
    ...(backupId === undefined || backupToken === undefined
      ? []
      : [{ what: "the row written just before the backup", id: backupId, token: backupToken }]),
  ];
  for (const { what, id, token } of expected) {
    const found = await canaryToken(server, id);
    if (found === undefined) throw new Error(`${what} (howdah.canary, id ${id}) is missing: a commit was lost`);
    if (found !== token) throw new Error(`${what} (howdah.canary, id ${id}) differs from what was written`);
  }
  return `${count(expected.length, "row")} as written`;
}

/** Reads the definition of every object in every database. @param server with a login that may read them all */
export async function checkCatalog(
  job: Pick<LocalStackFile, "databases" | "postgresBin">,
  server: SocketServer,
): Promise<string> {
  for (const database of job.databases) {
    await run({
      program: join(job.postgresBin, "pg_dump"),
      // Names as bytes: one that another encoding does not have would end the dump.
      args: ["--schema-only", "--file=/dev/null", `--dbname=${database}`, "--encoding=SQL_ASCII"],
      variables: reach(server),
      lowPriority: true,
    });
  }
  return `every definition in ${count(job.databases.length, "database")}`;
}
