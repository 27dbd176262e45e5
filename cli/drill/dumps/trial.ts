import type { Context } from "../../kit/answer";
import type { RemoteStackFile } from "../../../contracts/stack-file";
import { count, formatBytes } from "../../../lib/text/format";
import { confinedLogin } from "../../dumps/restore/confined";
import { contentsOf } from "../../dumps/take/contents";
import type { Manifest } from "../../dumps/store/manifest";
import { restoreLogically } from "../../dumps/restore/restore";
import type { RestoredServer } from "../../restore/server/server";
import { asLogin, inSession, query, type SocketServer } from "../../session/sql";
import { startEmptyServer } from "./empty-server";
import { checkCatalog } from "../inspect";
import { rounded, type Steps } from "../steps";
import { checkStructure } from "../structure";
import { identifier } from "../../../lib/sql/quote";

export interface DumpsTrialInput {
  readonly job: RemoteStackFile;
  /** One of each database. */
  readonly dumps: readonly Manifest[];
  /** Folder of its own, removed by the caller. */
  readonly folder: string;
}

/** Roles that policies and user mappings name; none of them logs in here. */
async function makeRoles(server: RestoredServer, names: readonly string[]): Promise<void> {
  await inSession(server, async (client) => {
    for (const name of new Set(names)) {
      const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${identifier(name)}`);
    }
  });
}

/** What cannot be written to is not restored. */
async function checkWritable(server: SocketServer, database: string): Promise<void> {
  const name = "public.howdah_drill";
  await inSession(
    server,
    async (client) => {
      await client.query(`CREATE SCHEMA IF NOT EXISTS public; CREATE TABLE ${name} AS SELECT 1 AS one`);
      await client.query(`DROP TABLE ${name}`);
    },
    database,
  );
}

async function restore(
  { job, dumps, folder }: DumpsTrialInput,
  server: RestoredServer,
  context: Context,
): Promise<string> {
  await makeRoles(
    server,
    dumps.flatMap(({ roles = [] }) => roles),
  );
  const confined = { folder };
  for (const { name, database } of dumps) {
    await restoreLogically(job, { name, into: database, server, confined }, context);
    await checkWritable(asLogin(server, confinedLogin), database);
  }
  return dumps.map(({ name, size }) => `${name} (${formatBytes(size)})`).join(", ");
}

/** As many tables as there were when the dump was taken. */
async function checkTables({ dumps }: DumpsTrialInput, server: RestoredServer): Promise<string> {
  let total = 0;
  for (const { database, tables: expected } of dumps) {
    const { tables } = await contentsOf(server, database);
    if (expected !== undefined && tables !== expected)
      throw new Error(`${database} has ${count(tables, "table")}; there were ${expected} when the dump was taken`);
    total += tables;
  }
  return count(total, "table");
}

/** Bytes of the restored databases. */
async function sizeOf(server: RestoredServer, dumps: readonly Manifest[]): Promise<number> {
  const sql = "SELECT coalesce(sum(pg_database_size(oid)), 0)::text AS bytes FROM pg_database WHERE datname = ANY ($1)";
  const [row] = await query<{ bytes: string }>(server, sql, [dumps.map(({ database }) => database)]);
  return Number(row?.bytes ?? 0);
}

/**
 * Restores the dumps into one new server and looks at what came of it; the server is gone in the end.
 * @param record receives each measurement as soon as it is there: a later check may fail
 * @throws DrillFault
 */
export async function dumpsTrial(
  input: DumpsTrialInput,
  how: {
    steps: Steps;
    context: Context;
    record: (measured: { readonly rtoSeconds?: number; readonly size?: number }) => void;
  },
): Promise<void> {
  const { job, folder } = input;
  const { steps, context, record } = how;
  let started: RestoredServer | undefined;
  try {
    const seconds = await steps.check("restore", async () => {
      started = await startEmptyServer(job.postgresBin, folder, context);
      return restore(input, started, context);
    });
    record({ rtoSeconds: rounded(seconds) });
    const server = started;
    if (server === undefined) throw new Error("no server");
    record({ size: await sizeOf(server, input.dumps) });
    await steps.check("tables", () => checkTables(input, server));
    await steps.check("catalog", () =>
      checkCatalog({ ...job, databases: input.dumps.map(({ database }) => database) }, asLogin(server, confinedLogin)),
    );
    await steps.check("amcheck", () => checkStructure(job, server, confinedLogin));
  } finally {
    await started?.stop("immediate");
  }
}
