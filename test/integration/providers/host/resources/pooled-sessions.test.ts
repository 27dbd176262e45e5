import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { apply } from "../../../../../components/pgbouncer/auth-query/superuser";
import { connectionBudget } from "../../../../../components/capacity/connections";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { changedDatabases, pooledSessions } from "../../../../../providers/host/resources/pooled-sessions";
import { databasesSchema } from "../../../../../components/postgres/schema";
import { renderFor, startPooler, type ThrowawayPooler } from "../../../../support/servers/routing/throwaway-pooler";
import type { ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";

let folder: TlsFolder;
let server: ThrowawayPostgres;
let pooler: ThrowawayPooler;

const verifier = (password: string): string =>
  scramVerifier(password, Buffer.from("0123456789abcdef").toString("base64"));

beforeAll(async () => {
  folder = await tlsFolder();
  server = await startTlsPostgres(folder);
  await server.sql(
    "postgres",
    `CREATE ROLE howdah_pooler LOGIN PASSWORD '${verifier("lookup")}'; CREATE ROLE web LOGIN PASSWORD '${verifier("web")}'`,
  );
  await server.sql("postgres", "CREATE DATABASE shop");
  await server.sql("shop", apply);
  const databases = databasesSchema.parse({ shop: { applications: { web: { access: "readwrite", pool: 2 } } } });
  const render = renderFor(connectionBudget(databases).pools, server.port);
  pooler = await startPooler(folder, { name: "pooler", render, password: "lookup" });
}, 90_000);

afterAll(async () => {
  await pooler.stop("SIGQUIT");
  await server.stop();
  await folder.remove();
});

const context = {
  name: "sessions",
  signal: new AbortController().signal,
  info: () => undefined,
  warn: () => undefined,
  progress: () => undefined,
};

const inputsOf = (text: string) => ({
  pooler: { socketDirectory: pooler.socketDirectory, port: pooler.port },
  settings: { shop: { web: text }, other: { them: text } },
});

async function client(): Promise<Client> {
  const { readFileSync } = await import("node:fs");
  const one = new Client({
    host: "localhost",
    port: pooler.port,
    user: "web",
    password: "web",
    database: "shop",
    ssl: { ca: readFileSync(folder.caFile, "utf8") },
  });
  await one.connect();
  return one;
}

test("a changed setting of a login is in force for the next transaction of a client that stays, and no transaction fails", async () => {
  const one = await client();
  const busy = await client();
  const limit = async (who: Client) =>
    (await who.query<Record<string, string>>("SHOW statement_timeout")).rows[0]!["statement_timeout"];
  await busy.query("BEGIN");
  expect(await limit(busy)).toBe("0");
  expect(await limit(one)).toBe("0");
  await server.sql("postgres", "ALTER ROLE web SET statement_timeout = '77s'");
  // Pooled sessions go on as they began (control).
  expect(await limit(one)).toBe("0");
  const old = { id: "sessions", inputs: inputsOf("0"), state: inputsOf("0") };
  await pooledSessions.update(old, inputsOf("77"), context);
  expect(await limit(one)).toBe("77s");
  // A transaction ends in the session in which it began.
  expect(await limit(busy)).toBe("0");
  await busy.query("COMMIT");
  expect(await limit(busy)).toBe("77s");
  await one.end();
  await busy.end();
}, 60_000);

test("without a change no session is closed", async () => {
  const one = await client();
  const pid = async () => (await one.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]!.pid;
  const before = await pid();
  const old = { id: "sessions", inputs: inputsOf("77"), state: inputsOf("77") };
  await pooledSessions.update(old, inputsOf("77"), context);
  await sleep(500);
  expect(await pid()).toBe(before);
  await one.end();
}, 60_000);

test("only databases in which a login that was there starts with other settings are reconnected", () => {
  const old = { a: { x: "1", y: "1" }, b: { z: "1" } };
  expect(changedDatabases(old, { a: { x: "1", y: "2" }, b: { z: "1" } })).toEqual(["a"]);
  expect(changedDatabases(old, { ...old, a: { ...old.a, fresh: "1" }, c: { w: "1" } })).toEqual([]);
  expect(changedDatabases(old, { a: { x: "1" }, b: {} })).toEqual([]);
});
