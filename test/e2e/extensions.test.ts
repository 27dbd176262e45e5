import { existsSync, readdirSync, readFileSync } from "node:fs";
import { packageOf } from "../../components/postgres/extensions/catalogue";
import { capture } from "../../lib/process/attended";
import { until } from "../../lib/retry";
import { usualPostgres } from "../../setup/packages/distribution";
import { discard } from "../support/stack/discard";
import { mustHowdah } from "../support/stack/howdah";
import { smallConfig, superuser, TestStack } from "../support/stack/stack";
import { startTraffic, type Traffic } from "../support/stack/traffic";

const base = smallConfig(9300);
const { app } = base["databases"] as { app: object };
const stack = new TestStack("e2e-extensions", base);
let traffic: Traffic | undefined;

jest.setTimeout(400_000);

/** Why this machine cannot have the package of an extension; undefined if it can. */
function lacking(name: string): string | undefined {
  const major = usualPostgres();
  const wanted = packageOf(name, major) ?? "";
  if (existsSync(`/usr/share/postgresql/${major}/extension/${name}.control`)) return undefined;
  if (process.getuid?.() !== 0) return `${wanted} is not installed`;
  const { stdout } = capture({ program: "apt-cache", args: ["policy", wanted], variables: { LC_ALL: "C" } });
  return /Candidate: \d/.test(stdout) ? undefined : `the machine's package sources do not have ${wanted}`;
}

const packaged = ["pg_cron", "pg_partman", "postgis", "vector"].filter((name) => lacking(name) === undefined);

/** Of PostgreSQL and of packages of their own, in the applications' schema and elsewhere; the server has to load pgaudit and pg_cron. */
const extensions = [
  "pgcrypto",
  { name: "pg_trgm", schema: "app" },
  { name: "ip4r", schema: "app" },
  "pgaudit",
  ...packaged,
];

const configured = (settings: object, postgres: object = {}): void => {
  stack.config = {
    ...base,
    databases: { app: { ...app, ...settings } },
    postgres: { ...(base["postgres"] as object), ...postgres },
  };
};

/** A test of extensions in use; skipped, with the reason, if this machine cannot have one. */
function using(names: readonly string[], what: string, body: () => Promise<void>): void {
  const [reason] = names.flatMap((name) => lacking(name) ?? []);
  if (reason === undefined) test(`${names.join(", ")}: ${what}`, body);
  else test.skip(`${names.join(", ")}: ${what} (${reason})`, body);
}

const leader = async (): Promise<string | undefined> =>
  (await stack.members()).find(({ role }) => role === "leader")?.name;
const primaryPort = async (): Promise<number> => {
  const name = await leader();
  return (await stack.outputs()).nodes.find((node) => node.name === name)?.port ?? 0;
};
const asSuperuser = async (sql: string): Promise<string> =>
  superuser(stack, { port: await primaryPort(), database: "app" }, sql);
const installed = (): Promise<string> =>
  asSuperuser(
    `SELECT string_agg(extname || ' ' || nspname, ', ' ORDER BY extname COLLATE "C") FROM pg_extension e
     JOIN pg_namespace n ON n.oid = extnamespace WHERE extname <> 'plpgsql'`,
  );
const refused = async (): Promise<string> => {
  const { code, output } = await stack.pulumi("preview", "--non-interactive");
  expect(code).not.toBe(0);
  return output;
};

beforeAll(async () => {
  await stack.up();
  await stack.query("app_migrator", "CREATE TABLE app.events (id bigint PRIMARY KEY)");
}, 300_000);

afterAll(async () => {
  await traffic?.stop();
  await discard(stack);
}, 300_000);

test("a new database has pg_stat_statements, which counts every login's statements for the monitoring alone", async () => {
  expect(await installed()).toBe("pg_stat_statements extensions");
  const seen = (role: string) =>
    asSuperuser(
      `SET ROLE ${role}; SELECT count(*) > 0 FROM extensions.pg_stat_statements s JOIN pg_roles r ON r.oid = userid
       WHERE rolname = 'app' AND query <> '<insufficient privilege>'`,
    );
  await stack.query("app", "SELECT 4711");
  expect(await seen("howdah_monitoring")).toMatch(/t$/);
  expect(await seen("reports")).toMatch(/f$/);
});

test("extensions are added to a running stack, while a client that writes sees no error", async () => {
  traffic = await startTraffic(stack, "app", "events");
  configured({ extensions }, { parameters: { "pgaudit.log": "ddl, write" } });
  await stack.up();
  expect(await traffic.stop()).toMatchObject({ errors: [] });
  const places = { pg_cron: "pg_catalog", ip4r: "app", pg_trgm: "app" } as Record<string, string>;
  const names = ["ip4r", "pg_stat_statements", "pg_trgm", "pgcrypto", ...packaged].sort();
  expect(await installed()).toBe(names.map((name) => `${name} ${places[name] ?? "extensions"}`).join(", "));
  const libraries = ["pg_cron", "pg_stat_statements", "pgaudit"].filter(
    (name) => name !== "pg_cron" || packaged.includes(name),
  );
  expect(await asSuperuser("SHOW shared_preload_libraries")).toBe(libraries.join(","));
  expect(await stack.plan("--refresh")).toEqual([]);
});

test("applications use them by unqualified names, readers too; none creates anything in howdah's schema", async () => {
  await stack.query(
    "app_migrator",
    "CREATE TABLE app.hosts (name text PRIMARY KEY, address ip4r); CREATE INDEX ON app.hosts USING gin (name gin_trgm_ops)",
  );
  await stack.query("app", "INSERT INTO hosts VALUES (encode(digest('one', 'sha256'), 'hex'), '10.0.0.0/8')");
  const found =
    "SELECT count(*)::int AS n FROM hosts WHERE address >>= '10.1.2.3'::ip4r AND similarity(name, '76') >= 0";
  expect(await stack.query("reports", found)).toEqual([{ n: 1 }]);
  await expect(stack.query("app_migrator", "CREATE TABLE extensions.mine ()")).rejects.toThrow(/permission denied/);
  await expect(stack.query("app_migrator", "DROP EXTENSION pgcrypto")).rejects.toThrow(/must be owner/);
});

test("pgaudit logs the classes of the config, without values", async () => {
  const folder = stack.path("log");
  const name = (await leader()) ?? "";
  const logs = readdirSync(folder).filter((file) => file.includes(name));
  const lines = logs.flatMap((file) => readFileSync(`${folder}/${file}`, "utf8").split("\n"));
  const audited = lines.filter((line) => line.includes("AUDIT: SESSION"));
  expect(audited.filter((line) => line.includes("user=app,"))).toContainEqual(
    expect.stringMatching(/,WRITE,INSERT,.*INSERT INTO hosts.*<not logged>$/),
  );
  expect(audited).toContainEqual(expect.stringMatching(/,DDL,CREATE TABLE,.*app\.hosts/));
  expect(audited.filter((line) => /,(READ|ROLE|MISC)/.test(line))).toEqual([]);
});

/** As the login itself: pg_cron runs jobs as the role that has scheduled them. */
const asScheduler = (sql: string): Promise<Record<string, unknown>[]> =>
  stack.query("app_migrator", `BEGIN; SET LOCAL ROLE NONE; ${sql}; COMMIT`);

using(["pg_partman"], "a login makes a partitioned table and its partitions", async () => {
  const version = Number(
    await asSuperuser("SELECT split_part(extversion, '.', 1) FROM pg_extension WHERE extname = 'pg_partman'"),
  );
  await stack.query(
    "app_migrator",
    `CREATE TABLE app.visits (at timestamptz NOT NULL, page text) PARTITION BY RANGE (at);
     CREATE TABLE app.visits_template (LIKE app.visits);
     SELECT create_parent(p_parent_table => 'app.visits', p_control => 'at', p_interval => '1 day',
       p_type => '${version < 5 ? "native" : "range"}', p_premake => 2, p_template_table => 'app.visits_template');
     UPDATE part_config SET premake = 7 WHERE parent_table = 'app.visits'`,
  );
  await stack.query("app", "INSERT INTO visits VALUES (now(), 'start')");
});

const partitions = async (): Promise<number> =>
  Number(await asSuperuser("SELECT count(*) FROM pg_inherits WHERE inhparent = 'app.visits'::regclass"));
let partitionsBefore = 0;

using(["pg_cron", "pg_partman"], "a login schedules the maintenance", async () => {
  partitionsBefore = await partitions();
  await asScheduler("SELECT cron.schedule('maintenance', '* * * * *', 'CALL extensions.run_maintenance_proc()')");
});

using(["postgis"], "distances, with an index and another reference system", async () => {
  await stack.query(
    "app_migrator",
    `CREATE TABLE app.places (name text, at geography(Point, 4326)); CREATE INDEX places_at ON app.places USING gist (at);
     INSERT INTO app.places SELECT 'sea ' || n, ST_MakePoint(-30, n / 100.0)::geography FROM generate_series(1, 2000) n;
     ANALYZE app.places`,
  );
  await stack.query(
    "app",
    "INSERT INTO places VALUES ('Berlin', 'POINT(13.405 52.52)'), ('Paris', 'POINT(2.3522 48.8566)')",
  );
  const near = "FROM places WHERE ST_DWithin(at, 'POINT(13.4 52.5)'::geography, 1e6)";
  const found = `SELECT name, round(ST_Distance(at, 'POINT(13.405 52.52)'::geography) / 1000)::int AS km ${near} ORDER BY km`;
  expect(await stack.query("reports", found)).toEqual([
    { name: "Berlin", km: 0 },
    { name: "Paris", km: 880 },
  ]);
  expect(JSON.stringify(await stack.query("reports", `EXPLAIN SELECT ${near}`))).toContain("places_at");
  const mercator = "SELECT ST_X(ST_Transform(at::geometry, 3857))::int AS x FROM places WHERE name = 'Paris'";
  expect(await stack.query("reports", mercator)).toEqual([{ x: 261846 }]);
});

using(["vector"], "nearest neighbours, with an index", async () => {
  await stack.query(
    "app_migrator",
    `CREATE TABLE app.items (id int, embedding vector(3)); CREATE INDEX items_near ON app.items USING hnsw (embedding vector_l2_ops);
     INSERT INTO app.items SELECT n, ARRAY[n, n, n]::vector FROM generate_series(1, 2000) n; ANALYZE app.items`,
  );
  const near = "SELECT id FROM items ORDER BY embedding <-> '[41.2, 41, 41]' LIMIT 2";
  expect(await stack.query("reports", near)).toEqual([{ id: 41 }, { id: 42 }]);
  expect(JSON.stringify(await stack.query("reports", `EXPLAIN ${near}`))).toContain("items_near");
});

using(["pg_cron", "pg_partman"], "the job runs in the background, as the login, and makes partitions", async () => {
  const details =
    "SELECT status, username, return_message FROM cron.job_run_details WHERE status IN ('succeeded', 'failed') LIMIT 1";
  let run = "";
  await until(async () => (run = await asSuperuser(details)) !== "", {
    timeout: 150_000,
    complaint: "no job has run",
  });
  expect(run).toBe("succeeded|app_migrator|CALL");
  expect(await partitions()).toBeGreaterThan(partitionsBefore);
  await asScheduler("SELECT cron.unschedule('maintenance')");
});

/** What has to be in a restored copy, by extension. */
const contents: Readonly<Record<string, readonly [sql: string, found: string]>> = {
  ip4r: ["SELECT count(*) FROM app.hosts WHERE address OPERATOR(app.>>=) app.ip4r '10.1.2.3'", "1"],
  pg_partman: [
    "SELECT (SELECT count(*) FROM app.visits) || ' ' || (SELECT premake FROM extensions.part_config WHERE parent_table = 'app.visits')",
    "1 7",
  ],
  postgis: ["SELECT extensions.ST_AsText(at) FROM app.places WHERE name = 'Paris'", "POINT(2.3522 48.8566)"],
  vector: ["SELECT embedding FROM app.items WHERE id = 41", "[41,41,41]"],
};

test("backups and dumps with them are restored", async () => {
  await mustHowdah(stack, "drill", "--quick");
  const { backups } = (await mustHowdah(stack, "backup", "logical")) as { backups: { label: string }[] };
  await mustHowdah(stack, "restore-dump", backups[0]?.label ?? "", "--database", "copy_of_app");
  for (const name of ["ip4r", ...packaged]) {
    const [sql, found] = contents[name] ?? ["SELECT", ""];
    expect([name, await superuser(stack, { port: await primaryPort(), database: "copy_of_app" }, sql)]).toEqual([
      name,
      found,
    ]);
  }
  await superuser(stack, { port: await primaryPort(), database: "postgres" }, "DROP DATABASE copy_of_app");
});

test("one that a table uses does not leave the config, except after `removable`", async () => {
  configured({ extensions: ["pgcrypto", { name: "pg_trgm", schema: "app" }, ...packaged] });
  expect(await refused()).toMatch(/extension "ip4r" of database "app": column address of table app\.hosts/);
  configured({ extensions, removable: true });
  await stack.up();
  configured({ extensions: [], removable: true });
  await stack.up();
  expect(await installed()).toBe("pg_stat_statements extensions");
  expect(await asSuperuser("SHOW shared_preload_libraries")).toBe("pg_stat_statements");
  expect(await stack.query("app", "SELECT * FROM hosts")).toEqual([{ name: expect.any(String) as string }]);
});
