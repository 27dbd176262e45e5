import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { awaitHostRules } from "../../../../../providers/host/patroni/host-rules";
import type { Operation } from "../../../../../providers/host/patroni/rolling-restart";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

let server: ThrowawayPostgres;
let pristine: string;
const hba = () => join(server.dataDirectory, "pg_hba.conf");

beforeAll(async () => {
  server = await startPostgres();
  pristine = await readFile(hba(), "utf8");
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  await writeFile(hba(), pristine);
  await writeFile(join(server.dataDirectory, "pg_ident.conf"), "");
  await server.reload();
});

const rule = "host all all 10.0.0.0/8 scram-sha-256 # the office";

/** What comes of waiting for the rules at a cluster of this one server. */
function outcome(lines: readonly string[], signal = new AbortController().signal): Promise<string> {
  const members = [{ name: "node1", host: server.host, port: server.port, restPort: 1 }];
  const operation = { cluster: { members }, context: { signal, progress: () => undefined } } as unknown as Operation;
  return awaitHostRules(operation, { socketDirectory: server.socketDirectory, lines }).then(
    () => "taken",
    (error: unknown) => (error as Error).message,
  );
}

test("rules that the server follows are taken", async () => {
  await appendFile(hba(), `${rule}\n`);
  await server.reload();
  expect(await outcome([rule])).toBe("taken");
});

test("a line that the server refuses is named, with what is wrong with it", async () => {
  const bad = "host all all 10.0.0.0/33 scram-sha-256";
  await appendFile(hba(), `${bad}\n`);
  await server.reload();
  expect(await outcome([bad])).toMatch(
    /^node1 still uses its old pg_hba\.conf, .*\npg_hba\.conf, line \d+: invalid CIDR mask in address "10\.0\.0\.0\/33"$/,
  );
});

test("a bad user name map is named, too", async () => {
  await appendFile(join(server.dataDirectory, "pg_ident.conf"), "howdah alone\n");
  // PostgreSQL 14 has no view of that file: it says so in its log only.
  const view = "SELECT pg_catalog.to_regclass('pg_catalog.pg_ident_file_mappings') IS NOT NULL AS known";
  const [row] = await server.sql<{ known: boolean }>("postgres", view);
  expect(await outcome([])).toMatch(row?.known === true ? /pg_ident\.conf, line 1: / : /^taken$/);
});

test("rules that are not there yet are waited for", async () => {
  expect(await outcome([rule], AbortSignal.abort(new Error("Ctrl-C")))).toBe("Ctrl-C");
  const waited = outcome([rule]);
  await appendFile(hba(), `${rule}\n`);
  await server.reload();
  expect(await waited).toBe("taken");
});
