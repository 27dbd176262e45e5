import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { connectionBudget } from "../../../../components/capacity/connections";
import { apply } from "../../../../components/pgbouncer/auth-query/superuser";
import { databasesSchema } from "../../../../components/postgres/schema";
import { checkout } from "../../../../lib/paths";
import { whilePaused } from "../../../../providers/host/routing/pooler-console";
import { accessSql } from "../../../support/servers/postgres/access-sql";
import { startTlsPostgres, type TlsFolder, tlsFolder } from "../../../support/servers/postgres/tls-postgres";
import type { ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { renderFor, startPooler, type ThrowawayPooler } from "../../../support/servers/routing/throwaway-pooler";

// Owners, because only they may make temporary tables.
const owner = { access: "owner", pool: 2, overflow: 0 } as const;
const databases = databasesSchema.parse({
  shop: { applications: { web: owner, feed: { ...owner, poolMode: "session", rotations: 1 } } },
});

let folder: TlsFolder;
let server: ThrowawayPostgres;
let pooler: ThrowawayPooler;
const open: Client[] = [];

beforeAll(async () => {
  folder = await tlsFolder();
  server = await startTlsPostgres(folder);
  for (const { database, sql } of accessSql(databases, { tokenGroup: "tokens" })) await server.sql(database, sql);
  await server.sql("shop", apply);
  pooler = await startPooler(folder, {
    name: "pooler",
    render: renderFor(connectionBudget(databases), server.port),
    password: "howdah_pooler",
  });
}, 90_000);

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.end().catch(() => undefined)));
});

afterAll(async () => {
  await pooler.stop("SIGQUIT");
  await server.stop();
  await folder.remove();
});

async function connect(user: string, { port, password = user }: { port: number; password?: string }): Promise<Client> {
  const ssl = { ca: readFileSync(folder.caFile, "utf8") };
  const client = new Client({ host: "127.0.0.1", port, user, password, database: "shop", ssl });
  client.on("error", () => undefined);
  open.push(client);
  await client.connect();
  return client;
}

const routes = { transaction: "web", session: "feed", direct: "web" } as const;
type Route = keyof typeof routes;
const portOf = (route: Route): number => (route === "direct" ? server.port : pooler.port);
const clientOf = (route: Route): Promise<Client> => connect(routes[route], { port: portOf(route) });

const pidOf = async (client: Client): Promise<number> =>
  (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]!.pid;

const oneOf = async (client: Client, text: string): Promise<unknown> =>
  Object.values((await client.query<Record<string, unknown>>(text)).rows[0]!)[0];

/** Has the next client of the login use the server connection that this one used last, if it may be shared. */
async function displace(route: Route): Promise<Client> {
  const other = await clientOf(route);
  await other.query("BEGIN");
  await other.query("SELECT");
  return other;
}

/** True if what follows one another works when another client of the same login works in between. */
type Trial = (client: Client, between: () => Promise<Client>) => Promise<boolean>;

/** By the first words of a row of the table in the documentation. */
const trials: Readonly<Record<string, Trial>> = {
  "transactions, `SET LOCAL`, `set_config(…, true)`, `pg_advisory_xact_lock`": async (client, between) => {
    await client.query("BEGIN; SET LOCAL work_mem = '5MB'; SELECT set_config('app.one', 'mine', true)");
    await client.query("SELECT pg_advisory_xact_lock(1)");
    const other = await between();
    const held = (await oneOf(other, "SELECT pg_try_advisory_xact_lock(1)")) === false;
    const mine = await oneOf(client, "SELECT current_setting('work_mem') || current_setting('app.one')");
    await client.query("COMMIT");
    const foreign = await oneOf(other, "SELECT current_setting('app.one', true)");
    return held && mine === "5MBmine" && foreign !== "mine";
  },
  "`NOTIFY`": async (client) => {
    const heard = jest.fn();
    const listener = await connect("web", { port: server.port });
    listener.on("notification", heard);
    await listener.query("LISTEN news");
    await client.query("NOTIFY news");
    await listener.query("SELECT");
    return heard.mock.calls.length === 1;
  },
  "prepared statements of the driver (protocol)": async (client, between) => {
    const prepared = { name: "one", text: "SELECT $1::int AS one" };
    await client.query({ ...prepared, values: [1] });
    await between();
    return (await client.query({ ...prepared, values: [2] })).rowCount === 1;
  },
  "`PREPARE` and `EXECUTE` as SQL": async (client, between) => {
    await client.query("PREPARE two AS SELECT 2 AS two");
    await between();
    return (await oneOf(client, "EXECUTE two")) === 2;
  },
  "`LISTEN`": async (client, between) => {
    const heard = jest.fn();
    client.on("notification", heard);
    await client.query("LISTEN news");
    await between();
    await server.sql("shop", "NOTIFY news");
    await sleep(100);
    await client.query("SELECT");
    return heard.mock.calls.length === 1;
  },
  "advisory locks of a session (`pg_advisory_lock`)": async (client, between) => {
    await client.query("SELECT pg_advisory_lock(2)");
    const other = await between();
    const excludes = (await oneOf(other, "SELECT pg_try_advisory_lock(2)")) === false;
    return excludes && (await oneOf(client, "SELECT pg_advisory_unlock(2)")) === true;
  },
  "temporary tables that outlive a transaction": async (client, between) => {
    await client.query("CREATE TEMPORARY TABLE scratch AS SELECT 3 AS three");
    await between();
    return (await oneOf(client, "SELECT three FROM pg_temp.scratch")) === 3;
  },
  "`SET`": async (client, between) => {
    await client.query("SET work_mem = '6MB'");
    const other = await between();
    const leaks = (await oneOf(other, "SHOW work_mem")) === "6MB";
    return !leaks && (await oneOf(client, "SHOW work_mem")) === "6MB";
  },
  "cursors `WITH HOLD`": async (client, between) => {
    await client.query("BEGIN; DECLARE kept CURSOR WITH HOLD FOR SELECT 4 AS four; COMMIT");
    await between();
    return (await oneOf(client, "FETCH kept")) === 4;
  },
};

const rows = readFileSync(join(checkout, "docs/sessions.md"), "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells.length === 6 && cells.slice(2, 5).every((cell) => /^(yes|no)$/.test(cell)))
  .map(([, what = "", transaction, session, direct]) => ({ what, claims: { transaction, session, direct } }));

test("each row of the table of routes has a trial, and each trial a row", () => {
  expect(rows.map(({ what }) => what)).toEqual(Object.keys(trials));
});

describe.each(Object.keys(routes) as Route[])("over the route %s", (route) => {
  test.each(rows)("the table says whether this works: $what", async ({ what, claims }) => {
    const client = await clientOf(route);
    await client.query("SELECT");
    const works = await trials[what]!(client, () => displace(route)).catch((error: unknown) => {
      // What a client asks of a session that is not its own any more; anything else is a mistake of the trial.
      expect(String(error)).toMatch(/does not exist/);
      return false;
    });
    // What a trial has left in a server connection must not help the next.
    await server.sql(
      "shop",
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('web', 'feed', 'feed_b')",
    );
    expect(works ? "yes" : "no").toBe(claims[route]);
  });

  test("a client has a server connection to itself, or shares it: the control of the trials", async () => {
    const client = await clientOf(route);
    const before = await pidOf(client);
    const other = await displace(route);
    expect((await pidOf(other)) === before).toBe(route === "transaction");
    expect((await pidOf(client)) === before).toBe(route !== "transaction");
  });
});

describe("a login in session mode", () => {
  test("is looked up like any other, both of those that take turns", async () => {
    expect(await pidOf(await connect("feed_b", { port: pooler.port }))).toBeGreaterThan(0);
    await expect(connect("feed", { port: pooler.port, password: "wrong" })).rejects.toThrow(
      /SASL|authentication failed/,
    );
    await expect(connect("feed", { port: pooler.port, password: "" })).rejects.toThrow(
      /SASL|password|authentication failed/,
    );
    await server.sql("postgres", "ALTER ROLE feed NOLOGIN");
    await expect(connect("feed", { port: pooler.port })).rejects.toThrow(/authentication failed|SASL/);
    await server.sql("postgres", "ALTER ROLE feed LOGIN");
  });

  test("holds no more server connections than are counted for it, and the other login has its own", async () => {
    const held = [await connect("feed", { port: pooler.port }), await connect("feed", { port: pooler.port })];
    for (const client of held) await client.query("SELECT");
    const late = await connect("feed", { port: pooler.port });
    const served = jest.fn();
    const waiting = late.query("SELECT").then(served);
    expect(await pidOf(await clientOf("transaction"))).toBeGreaterThan(0);
    await displace("transaction");
    await displace("transaction");
    expect(served).not.toHaveBeenCalled();
    await held[0]!.end();
    await waiting;
  });

  test("changes its mode with a reload, both ways, for a client that stays", async () => {
    const file = join(folder.path, "pooler.ini");
    const ini = readFileSync(file, "utf8");
    const client = await connect("feed", { port: pooler.port });
    /** True if another client gets the server connection that this one used last. */
    const shares = async (): Promise<boolean> => {
      const before = await pidOf(client);
      const other = await displace("session");
      const is = (await pidOf(other)) === before;
      await other.end();
      return is;
    };
    expect(await shares()).toBe(false);
    writeFileSync(file, ini.replace(/^feed = .*$/m, "feed = pool_mode=transaction"));
    await pooler.console("RELOAD");
    expect(await shares()).toBe(true);
    writeFileSync(file, ini);
    await pooler.console("RELOAD");
    expect(await shares()).toBe(false);
  });

  test("does not hold a pause for as long as its clients stay: their sessions end, and those of transactions go on", async () => {
    const listening = await connect("feed", { port: pooler.port });
    const web = await clientOf("transaction");
    await listening.query("LISTEN news");
    await web.query("SELECT");
    const console = { socketDirectory: pooler.socketDirectory, port: pooler.port, sessionGrace: 100 };
    const during = await whilePaused(console, () => pooler.console("SHOW POOLS"));
    expect(during.filter(({ database }) => database === "shop").every(({ sv_active }) => sv_active === "0")).toBe(true);
    await expect(listening.query("SELECT")).rejects.toThrow(/not queryable|terminated|admin|closed/);
    expect(await pidOf(web)).toBeGreaterThan(0);
  });
});
