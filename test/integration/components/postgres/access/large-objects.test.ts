import { readerScript, socketLogins } from "../../../../../components/backup/socket-logins";
import { backupGroup, monitoringLogin, poolerLogin } from "../../../../../components/postgres/access/matrix";
import { databasesSchema } from "../../../../../components/postgres/schema";
import { largeObjectScript } from "../../../../../components/postgres/access/large-objects";
import { run } from "../../../../../lib/process/task";
import { accessSql } from "../../../../support/servers/postgres/access-sql";
import {
  binaries,
  startPostgres,
  type ThrowawayPostgres,
} from "../../../../support/servers/postgres/throwaway-postgres";

const { apply, probe, revert } = largeObjectScript("app");
let bin: string;
let postgres: ThrowawayPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  bin = await binaries();
  const applications = { reader: { access: "readonly" }, writer: {}, migrator: { access: "owner" } };
  const databases = databasesSchema.parse({ app: { schemas: ["app"], applications } });
  for (const { database, sql } of accessSql(databases, { tokenGroup: "tokens" })) await postgres.sql(database, sql);
  // Theirs, made while everybody could.
  await postgres.sql("app", "SET ROLE writer; SELECT lo_from_bytea(4711, 'old'); SELECT lo_from_bytea(4712, 'old')");
});
afterAll(() => postgres.stop());

/** Each function of PostgreSQL's that changes large objects, or opens one to. */
const changes = {
  lo_creat: "SELECT lo_creat(131072)",
  lo_create: "SELECT lo_create(0)",
  lo_from_bytea: "SELECT lo_from_bytea(0, 'one')",
  lo_open: "SELECT lo_open(4711, 131072)",
  lo_put: "SELECT lo_put(4711, 0, 'new')",
  lo_truncate: "SELECT lo_truncate(lo_open(4711, 131072), 0)",
  lo_truncate64: "SELECT lo_truncate64(lo_open(4711, 131072), 0)",
  lowrite: "SELECT lowrite(lo_open(4711, 131072), 'new')",
  lo_unlink: "SELECT lo_unlink(4712)",
};

const tried = (role: string, sql: string): Promise<string> =>
  postgres.sql("app", `BEGIN; SET LOCAL ROLE ${role}; ${sql}; ROLLBACK`).then(
    () => "allowed",
    (error: unknown) => (error as Error).message,
  );

const probed = async (): Promise<string> => Object.values((await postgres.sql("app", probe))[0] ?? {}).join();

test("control: PostgreSQL itself lets a login that only reads make large objects", async () => {
  expect(await tried("reader", changes.lo_from_bytea)).toBe("allowed");
});

describe("once applied,", () => {
  beforeAll(() => postgres.sql("app", apply));

  test("every function that changes large objects is known", async () => {
    const names = await postgres.sql<{ name: string }>(
      "app",
      "SELECT DISTINCT proname AS name FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|loread|lowrite)'",
    );
    const reading = ["lo_close", "lo_get", "lo_lseek", "lo_lseek64", "lo_tell", "lo_tell64", "loread"];
    const files = ["lo_export", "lo_import"];
    const known = [...Object.keys(changes), ...reading, ...files];
    expect(names.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
  });

  test.each(Object.entries(changes))("%s is for those who may write", async (_name, sql) => {
    for (const role of ["reader", monitoringLogin, poolerLogin])
      expect(await tried(role, sql)).toMatch(/permission denied for function/);
    // Opened for writing as well, it takes rights on the object, or a function that the group may not call.
    expect(await tried(backupGroup, sql)).toMatch(/permission denied for (function|large object)/);
    expect(await tried("writer", sql)).toBe("allowed");
  });

  test("an owner makes large objects, and only a superuser touches files of the server", async () => {
    expect(await tried("migrator", changes.lo_create)).toBe("allowed");
    for (const role of ["reader", "writer", "migrator"]) {
      expect(await tried(role, "SELECT lo_import('/etc/passwd')")).toMatch(/permission denied/);
      expect(await tried(role, "SELECT lo_export(4711, '/tmp/x')")).toMatch(/permission denied/);
    }
  });

  test("who may read one still does", async () => {
    await postgres.sql("app", "GRANT SELECT ON LARGE OBJECT 4711 TO app_readonly");
    expect(await tried("reader", "SELECT lo_get(4711)")).toBe("allowed");
  });

  test("a dump by the login that reads has the large objects, and a restore of it, too", async () => {
    await postgres.sql("app", `${readerScript} GRANT ${backupGroup} TO ${socketLogins.reader}`);
    const as = (user: string): string[] => [
      "--host",
      postgres.socketDirectory,
      "--port",
      String(postgres.port),
      "--username",
      user,
    ];
    const file = `${postgres.socketDirectory}/app.dump`;
    await run({
      program: `${bin}/pg_dump`,
      args: [...as(socketLogins.reader), "--format=custom", `--file=${file}`, "app"],
    });
    await postgres.sql("postgres", "CREATE DATABASE copy TEMPLATE template0");
    await run({ program: `${bin}/pg_restore`, args: [...as("postgres"), "--exit-on-error", "--dbname=copy", file] });
    expect(await postgres.sql("copy", "SELECT lo_get(4711)::text AS data")).toEqual([{ data: "\\x6f6c64" }]);
  });

  test.each([
    "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC",
    "REVOKE EXECUTE ON FUNCTION lo_put(oid, bigint, bytea) FROM app_owner",
  ])("%s is drift, and applying repairs it", async (tampering) => {
    const good = await probed();
    await postgres.sql("app", tampering);
    expect(await probed()).not.toBe(good);
    await postgres.sql("app", apply);
    expect(await probed()).toBe(good);
  });

  test("taken back, everybody has PostgreSQL's defaults again", async () => {
    await postgres.sql("app", revert);
    expect(await tried("reader", changes.lo_from_bytea)).toBe("allowed");
    const left = `SELECT count(*)::int AS n FROM pg_proc, aclexplode(proacl) WHERE grantee IN ('app_owner'::regrole, 'app_readwrite'::regrole)`;
    expect(await postgres.sql("app", left)).toEqual([{ n: 0 }]);
  });
});

test("a database made from template1 lets only a superuser make one", async () => {
  await postgres.sql("template1", largeObjectScript().apply);
  await postgres.sql("postgres", "CREATE DATABASE another TEMPLATE template1");
  const attempt = "SET ROLE writer; SELECT lo_create(0)";
  await expect(postgres.sql("another", attempt)).rejects.toThrow("permission denied for function lo_create");
});
