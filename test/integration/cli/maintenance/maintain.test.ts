import { Client } from "pg";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalStackFile } from "../../../../contracts/stack-file";
import { socketLoginsScript } from "../../../../components/backup/socket-logins";
import { databasesSchema } from "../../../../components/postgres/schema";
import { maintain, type MaintenanceRequest } from "../../../../cli/maintenance/maintain";
import type { Done } from "../../../../cli/maintenance/task";
import { accessSql } from "../../../support/servers/postgres/access-sql";
import { listening } from "../../../support/servers/backups/logical";
import { type RemoteDatabase, startRemote } from "../../../support/servers/backups/remote-job";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

let remote: RemoteDatabase;
beforeAll(async () => {
  remote = await startRemote();
});
afterAll(() => remote.stop());

const request = (change: Partial<MaintenanceRequest> = {}): MaintenanceRequest => ({
  reindex: false,
  dryRun: false,
  limit: 60_000,
  ...change,
});
const run = (change: Partial<MaintenanceRequest> = {}, context = listening()) =>
  maintain(remote.job("maintenance"), request(change), context);
/** Tasks in database `app`, the catalogs left out. */
const tasks = async (change: Partial<MaintenanceRequest> = {}): Promise<Done[]> =>
  ((await run(change))[0]!.tasks as Done[]).filter(({ name }) => !name.startsWith("pg_catalog."));
const one = async <T>(sql: string): Promise<T> => (await remote.postgres.sql("app", sql))[0] as T;

async function session(sql: string): Promise<Client> {
  const client = new Client({ host: "127.0.0.1", port: remote.postgres.port, user: "postgres", database: "app" });
  await client.connect();
  await client.query(sql);
  return client;
}
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(20);
};

const busyDead = "SELECT n_dead_tup::text AS dead FROM pg_stat_user_tables WHERE relname = 'busy'";

describe("vacuum", () => {
  beforeAll(async () => {
    await remote.as(
      "app_owner",
      "CREATE TABLE app.quiet (n int); CREATE TABLE app.busy AS SELECT generate_series(1, 5000) n",
    );
    await remote.postgres.sql("app", "CREATE TABLE public.theirs AS SELECT generate_series(1, 5000) n");
    await remote.postgres.sql("app", "VACUUM ANALYZE");
    await remote.postgres.sql("app", "UPDATE app.busy SET n = n; UPDATE public.theirs SET n = n");
    await until(async () => (await one<{ dead: string }>(busyDead)).dead === "5000");
  });
  test("of a dry run is shown, but not done", async () => {
    const [found] = await tasks({ dryRun: true });
    expect(found).toEqual({
      kind: "vacuum",
      name: "app.busy",
      statement: "VACUUM (ANALYZE, SKIP_LOCKED) app.busy",
      reason: expect.stringContaining("5000 dead rows") as string,
    });
    expect(await one(busyDead)).toEqual({ dead: "5000" });
  });

  test("is begun for no table once the time is over", async () => {
    expect(await tasks({ limit: 0 })).toMatchObject([{ outcome: "left" }, { outcome: "left" }]);
  });

  test("skips a table that another session has locked, and processes the others, also what the database's owner does not own", async () => {
    const holder = await session("BEGIN; LOCK TABLE app.busy IN ACCESS EXCLUSIVE MODE");
    const done = await tasks().finally(() => holder.end());
    expect(done).toMatchObject([
      { name: "app.busy", outcome: "skipped", detail: expect.stringContaining("lock not available") as string },
      { name: "public.theirs", outcome: "done" },
    ]);
  });

  test("is done where it is due, and then no more", async () => {
    expect(await tasks()).toMatchObject([{ name: "app.busy", outcome: "done" }]);
    await until(async () => (await one<{ dead: string }>(busyDead)).dead === "0");
    expect(await tasks()).toEqual([]);
  });
});

describe("of a cluster of this machine", () => {
  let local: ThrowawayPostgres;
  beforeAll(async () => {
    local = await startPostgres();
    const applications = { migrator: { access: "owner" } };
    const databases = databasesSchema.parse({ app: { schemas: ["app"], applications } });
    for (const { database, sql } of accessSql(databases, { tokenGroup: "tokens" })) await local.sql(database, sql);
    await local.sql("postgres", socketLoginsScript(["app"]));
    await local.sql(
      "app",
      "SET ROLE app_owner; CREATE TABLE app.busy AS SELECT generate_series(1, 5000) n; UPDATE app.busy SET n = n",
    );
  });
  afterAll(() => local.stop());

  test("a login of the owners' groups takes care, and no superuser", async () => {
    await until(async () => (await local.sql("app", busyDead))[0]?.["dead"] === "5000");
    const { port, socketDirectory } = local;
    const job = { databases: ["app"], servers: [{ port }], socketDirectory } as unknown as LocalStackFile;
    const [app] = await maintain(job, request(), listening());
    expect(app!.tasks).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: "app.busy", outcome: "done" })]),
    );
  });
});

test("never two at once", async () => {
  const holder = new Client({ host: "127.0.0.1", port: remote.postgres.port, user: "postgres", database: "app" });
  await holder.connect();
  await holder.query("SELECT pg_advisory_lock(x'686f7764'::int, 1)");
  await expect(run()).rejects.toThrow("another maintenance run is in progress");
  await holder.end();
  await until(() =>
    run().then(
      () => true,
      () => false,
    ),
  );
});

describe("reindex", () => {
  const valid = (name: string): Promise<{ valid: boolean } | undefined> =>
    one(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('app.${name}')`);
  const bytes = async (name: string): Promise<number> =>
    Number((await one<{ bytes: string }>(`SELECT pg_relation_size('app.${name}')::text AS bytes`)).bytes);

  /** Size of an index before anything has rebuilt it: a run that was interrupted may have. */
  let bloated: number;

  beforeAll(async () => {
    await remote.as(
      "app_owner",
      `CREATE TABLE app.shrunk AS SELECT n, md5(n::text) AS text, n % 2 = 0 AS even FROM generate_series(1, 450000) n;
       CREATE INDEX shrunk_n ON app.shrunk (n); CREATE INDEX shrunk_text ON app.shrunk (lower(text));
       CREATE TABLE app.dense AS SELECT generate_series(1, 600000) n; CREATE INDEX dense_n ON app.dense (n)`,
    );
    bloated = await bytes("shrunk_n");
    await remote.postgres.sql("app", "DELETE FROM app.shrunk WHERE n % 20 <> 0");
    await remote.postgres.sql("app", "VACUUM ANALYZE");
    // What a REINDEX CONCURRENTLY leaves that is interrupted, and a build that failed.
    await remote.as("app_owner", "CREATE INDEX dense_n_ccnew ON app.dense (n); CREATE INDEX failed ON app.dense (n)");
    await remote.postgres.sql(
      "app",
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('app.dense_n_ccnew'::regclass, 'app.failed'::regclass)",
    );
  });

  test("of a dry run tells invalid and bloated indexes, by the estimate and, where it is there, by pgstattuple", async () => {
    const expected = ["app.dense_n_ccnew", "app.failed", "app.shrunk_n", "app.shrunk_text"];
    const found = await tasks({ reindex: true, dryRun: true });
    expect(found.map(({ name }) => name).sort()).toEqual(expected);
    expect(found.at(-1)).toMatchObject({ kind: "drop", statement: "DROP INDEX CONCURRENTLY app.dense_n_ccnew" });
    await remote.postgres.sql(
      "app",
      "CREATE SCHEMA tools; CREATE EXTENSION pgstattuple SCHEMA tools; GRANT EXECUTE ON FUNCTION tools.pgstatindex(regclass) TO howdah_maintenance; GRANT USAGE ON SCHEMA tools TO howdah_maintenance",
    );
    const measured = await tasks({ reindex: true, dryRun: true });
    expect(measured.map(({ name }) => name).sort()).toEqual(expected);
    // It is the estimate plus or minus a little.
    const share = (list: Done[]) =>
      Number(/^(\d+) %/.exec(list.find(({ name }) => name === "app.shrunk_n")!.reason)?.[1]);
    expect(Math.abs(share(found) - share(measured))).toBeLessThan(10);
  });

  test("held up by a transaction that does not end gives way, and leaves an index that is valid", async () => {
    const holder = await session("BEGIN; SELECT count(*) FROM app.shrunk");
    const done = await tasks({ reindex: true, limit: 1500 }).finally(() => holder.end());
    expect(done.find(({ name }) => name === "app.shrunk_n")!.outcome).toMatch(/left|skipped/);
    expect(await valid("shrunk_n")).toEqual({ valid: true });
  });

  test("can be interrupted", async () => {
    // Whatever the run before has left to do is held up.
    const holder = await session("BEGIN; SELECT count(*) FROM app.dense; SELECT count(*) FROM app.shrunk");
    const interrupt = new AbortController();
    const running = run({ reindex: true }, listening(interrupt.signal));
    const failed = expect(running).rejects.toThrow("Ctrl-C");
    await until(
      async () => (await one<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_progress_create_index")).n > 0,
    );
    interrupt.abort(new Error("Ctrl-C"));
    await failed;
    await holder.end();
    await until(
      async () => (await one<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_progress_create_index")).n === 0,
    );
  });

  test("drops what a rebuild has left, rebuilds what is invalid or bloated, says how far it is, and is done then", async () => {
    // The runs before may have come as far as the new index, and left nothing but the old one.
    await remote.postgres.sql(
      "app",
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.failed'::regclass",
    );
    const context = listening();
    const [app] = await run({ reindex: true }, context);
    expect(new Set((app!.tasks as Done[]).map(({ outcome }) => outcome))).toEqual(new Set(["done"]));
    expect(await bytes("shrunk_n")).toBeLessThan(bloated / 2);
    expect(await valid("failed")).toEqual({ valid: true });
    expect(await one("SELECT count(*)::int AS left FROM pg_class WHERE relname ~ '_cc(new|old)'")).toEqual({ left: 0 });
    expect(context.said.some((text) => text.startsWith("reindex app."))).toBe(true);
    expect(await tasks({ reindex: true })).toEqual([]);
  });

  test("leaves alone what belongs to another owner", async () => {
    await remote.postgres.sql("app", "CREATE TABLE public.other (n int); CREATE INDEX other_n ON public.other (n)");
    await remote.postgres.sql(
      "app",
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.other_n'::regclass",
    );
    const [app] = await run({ reindex: true });
    expect(app!.skipped).toEqual([{ name: "public.other_n", reason: "it is invalid, and belongs to postgres" }]);
  });
});
