import { readFileSync } from "node:fs";
import { judgeNewSessions, type Server } from "../../../../cli/status/logins";
import type { ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../support/servers/postgres/tls-postgres";

let folder: TlsFolder;
let postgres: ThrowawayPostgres;
beforeAll(async () => {
  folder = await tlsFolder();
  postgres = await startTlsPostgres(folder);
  await postgres.sql("postgres", "CREATE ROLE shop_owner; CREATE ROLE web LOGIN PASSWORD 'p@ss' CONNECTION LIMIT 2");
  await postgres.sql("postgres", "CREATE ROLE clerk LOGIN PASSWORD 'p@ss' CONNECTION LIMIT 2");
  await postgres.sql("postgres", "CREATE DATABASE shop OWNER shop_owner");
});
afterAll(async () => {
  await postgres.stop();
  await folder.remove();
});

/** Through a pooler that is not there: only the servers themselves are asked. */
const connectionOf = (login: string) => {
  const url = (database: string) => `postgresql://${login}:p%40ss@127.0.0.1:1/${database}?sslmode=verify-full`;
  return { readWrite: url("shop"), readOnly: url("shop_ro") };
};
const connections = { web: connectionOf("web"), clerk: connectionOf("clerk") };
const primary = (): Server => ({
  name: "node1",
  address: `127.0.0.1:${postgres.port}`,
  role: "primary",
  healthy: true,
});
const judged = async (...servers: Server[]): Promise<string[]> => {
  const findings = await judgeNewSessions(connections, readFileSync(folder.caFile, "utf8"), servers);
  expect(findings.filter(({ good, urgent, what }) => good || !urgent || what !== "login")).toEqual([]);
  return findings.map(({ detail }) => detail);
};

test("a server that takes sessions of every application is good", async () => {
  expect(await judged(primary())).toEqual([]);
  expect(await judged({ ...primary(), role: "replica" })).toEqual([]);
});

test.each([
  {
    what: "a library that is not there",
    change: "SET local_preload_libraries = 'missing'",
    undo: "RESET local_preload_libraries",
    reason: "could not access file .*missing",
  },
  {
    what: "a closed database",
    change: "ALLOW_CONNECTIONS false",
    undo: "ALLOW_CONNECTIONS true",
    reason: "not currently accepting connections",
  },
])("$what keeps new sessions out, and each application's finding says so", async ({ change, undo, reason }) => {
  await postgres.sql("postgres", `ALTER DATABASE shop ${change}`);
  try {
    expect(await judged(primary(), { ...primary(), name: "node2" })).toEqual([
      expect.stringMatching(`^web, a new session: .*${reason}.* \\(node1, node2\\)$`),
      expect.stringMatching(`^clerk, a new session: .*${reason}.* \\(node1, node2\\)$`),
    ]);
  } finally {
    await postgres.sql("postgres", `ALTER DATABASE shop ${undo}`);
  }
});

test("a server that is not healthy is another finding's, and is not asked", async () => {
  expect(await judged({ ...primary(), address: "127.0.0.1:1", healthy: false })).toEqual([]);
});
