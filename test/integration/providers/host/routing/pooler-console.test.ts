import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDatabases } from "../../../../../lib/servers/pgbouncer-console";
import { pooledDatabases, resumeAll, whilePaused } from "../../../../../providers/host/routing/pooler-console";
import * as client from "../../../../../lib/sql/psql";

jest.mock("../../../../../lib/sql/psql");

/** PgBouncer in memory: which databases are paused. */
const paused = new Map<string, boolean>();
const commands: string[] = [];
const columns = "name|host|port|database|force_user|pool_size|paused|disabled";

beforeEach(() => {
  commands.length = 0;
  paused.clear();
  for (const name of ["app", "app_ro"]) paused.set(name, false);
  jest.mocked(client.psql).mockImplementation((_server, { sql }) => {
    if (sql.includes("SHOW DATABASES")) {
      const rows = [...paused].map(([name, is]) => `${name}|h|${name === "app" ? 6433 : 6434}|app||5|${is ? 1 : 0}|0`);
      return Promise.resolve([columns, ...rows, "pgbouncer||6432|pgbouncer|pgbouncer|2|0|0"].join("\n"));
    }
    const [, verb = "", name = ""] = /^(PAUSE|RESUME) "(\w+)";$/.exec(sql) ?? [];
    commands.push(`${verb} ${name}`);
    if (paused.get(name) === (verb === "PAUSE")) return Promise.reject(new Error(`${name} is so already`));
    paused.set(name, verb === "PAUSE");
    return Promise.resolve("");
  });
});

/** Runs with a pooler whose socket answers. */
async function withPooler<T>(work: (pooler: { socketDirectory: string; port: number }) => Promise<T>): Promise<T> {
  const socketDirectory = await mkdtemp(join(tmpdir(), "howdah-p-"));
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(join(socketDirectory, ".s.PGSQL.6432"), resolve));
  try {
    return await work({ socketDirectory, port: 6432 });
  } finally {
    server.close();
    await rm(socketDirectory, { recursive: true });
  }
}

const nonePaused = () => [...paused.values()].every((is) => !is);

test("the console's table is read by its header, and the console itself left out", () => {
  const table = "paused|port|name|database\n1|6433|app_ro|app\n0|6432|pgbouncer|pgbouncer\n(2 rows)";
  expect(parseDatabases(table)).toEqual([{ name: "app_ro", port: 6433, database: "app", paused: true }]);
});

test("clients are held while the work is done, and let go after it", async () => {
  const during = await withPooler((pooler) => whilePaused(pooler, () => Promise.resolve([...paused.values()])));
  expect(during).toEqual([true, true]);
  expect(nonePaused()).toBe(true);
});

test("work that fails is an error, and clients are let go all the same", async () => {
  const failing = withPooler((pooler) => whilePaused(pooler, () => Promise.reject(new Error("the work broke"))));
  await expect(failing).rejects.toThrow("the work broke");
  expect(nonePaused()).toBe(true);
});

test("a database that an earlier run left paused is no obstacle, and is let go as well", async () => {
  paused.set("app", true);
  await withPooler((pooler) => whilePaused(pooler, () => Promise.resolve()));
  expect(nonePaused()).toBe(true);
  paused.set("app_ro", true);
  await withPooler((pooler) => resumeAll(pooler));
  expect(nonePaused()).toBe(true);
});

test("only the databases that are chosen are held", async () => {
  await withPooler((pooler) =>
    whilePaused(
      pooler,
      () => Promise.resolve(),
      ({ port }) => port === 6434,
    ),
  );
  expect(commands).toEqual(["PAUSE app_ro", "RESUME app_ro"]);
});

test("where no pooler runs, the work is just done", async () => {
  expect(await whilePaused({ socketDirectory: "/nowhere", port: 6432 }, () => Promise.resolve(1))).toBe(1);
  expect(await whilePaused(undefined, () => Promise.resolve(2))).toBe(2);
  expect(await pooledDatabases(undefined)).toEqual([]);
  expect(commands).toEqual([]);
});
