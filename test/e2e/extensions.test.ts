import { discard } from "../support/stack/discard";
import { mustHowdah } from "../support/stack/howdah";
import { smallConfig, superuser, TestStack } from "../support/stack/stack";
import { startTraffic, type Traffic } from "../support/stack/traffic";

const base = smallConfig(9300);
const { app } = base["databases"] as { app: object };
const stack = new TestStack("e2e-extensions", base);
let traffic: Traffic;

jest.setTimeout(400_000);

/** A package of its own (ip4r), one that the server has to load as well (pgaudit), one in the applications' schema, two elsewhere. */
const extensions = ["pgcrypto", { name: "pg_trgm", schema: "app" }, { name: "ip4r", schema: "app" }, "pgaudit"];
const configured = (settings: object): void => {
  stack.config = { ...base, databases: { app: { ...app, ...settings } } };
};

const primaryPort = async (): Promise<number> => {
  const leader = (await stack.members()).find(({ role }) => role === "leader")?.name;
  return (await stack.outputs()).nodes.find(({ name }) => name === leader)?.port ?? 0;
};
const asSuperuser = async (sql: string): Promise<string> =>
  superuser(stack, { port: await primaryPort(), database: "app" }, sql);
const installed = (): Promise<string> =>
  asSuperuser(
    `SELECT string_agg(extname || ' ' || nspname, ', ' ORDER BY extname) FROM pg_extension e
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
  configured({ extensions });
  await stack.up();
  expect(await traffic.stop()).toMatchObject({ errors: [] });
  expect(await installed()).toBe("ip4r app, pg_stat_statements extensions, pg_trgm app, pgcrypto extensions");
  expect(await asSuperuser("SHOW shared_preload_libraries")).toBe("pg_stat_statements,pgaudit");
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

test("backups and dumps with them are restored", async () => {
  await mustHowdah(stack, "drill", "--quick");
  const { backups } = (await mustHowdah(stack, "backup", "logical")) as { backups: { label: string }[] };
  await mustHowdah(stack, "restore-dump", backups[0]?.label ?? "", "--database", "copy_of_app");
  const rows = "SELECT count(*) FROM app.hosts WHERE address OPERATOR(app.>>=) app.ip4r '10.1.2.3'";
  expect(await superuser(stack, { port: await primaryPort(), database: "copy_of_app" }, rows)).toBe("1");
  await superuser(stack, { port: await primaryPort(), database: "postgres" }, "DROP DATABASE copy_of_app");
});

test("one that a table uses does not leave the config, except after `removable`", async () => {
  configured({ extensions: ["pgcrypto", { name: "pg_trgm", schema: "app" }] });
  expect(await refused()).toMatch(/extension "ip4r" of database "app": column address of table app\.hosts/);
  configured({ extensions, removable: true });
  await stack.up();
  configured({ extensions: [], removable: true });
  await stack.up();
  expect(await installed()).toBe("pg_stat_statements extensions");
  expect(await asSuperuser("SHOW shared_preload_libraries")).toBe("pg_stat_statements");
  expect(await stack.query("app", "SELECT * FROM hosts")).toEqual([{ name: expect.any(String) as string }]);
});
