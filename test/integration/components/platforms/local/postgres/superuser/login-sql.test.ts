import { loginScript } from "../../../../../../../components/platforms/local/postgres/superuser/login-sql";
import { scramVerifier } from "../../../../../../../components/postgres/access/logins/scram";
import { psql } from "../../../../../../../lib/sql/psql";
import { startPostgres, type ThrowawayPostgres } from "../../../../../../support/servers/postgres/throwaway-postgres";

const salt = Buffer.from("0123456789abcdef").toString("base64");
const verifiers = { clerk: scramVerifier("right", salt), reader: scramVerifier("another", salt) };
const { apply, probe } = loginScript(verifiers);
let postgres: ThrowawayPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  const logins = Object.entries(verifiers).map(
    ([name, verifier]) =>
      `CREATE ROLE ${name} LOGIN PASSWORD '${verifier}' IN ROLE staff; ALTER ROLE ${name} SET search_path = app;`,
  );
  await postgres.sql("postgres", `CREATE ROLE staff; CREATE ROLE stranger LOGIN PASSWORD 'x'; ${logins.join("")}`);
  await postgres.sql("postgres", "CREATE DATABASE shop");
});
afterAll(() => postgres.stop());

const probed = async (): Promise<string> => Object.values((await postgres.sql("postgres", probe))[0] ?? {}).join();
const stored = async (): Promise<unknown> =>
  postgres.sql(
    "postgres",
    `SELECT rolname, rolpassword, admin_option, (SELECT array_agg(setconfig) FROM pg_db_role_setting WHERE setrole = r.oid) AS settings
     FROM pg_authid r LEFT JOIN pg_auth_members ON member = r.oid WHERE rolname IN ('clerk', 'reader', 'stranger') ORDER BY 1`,
  );

test("a login as it was made is left alone", async () => {
  const before = await stored();
  const fingerprint = await probed();
  await postgres.sql("postgres", apply);
  expect(await stored()).toEqual(before);
  expect(await probed()).toBe(fingerprint);
});

test.each([
  "ALTER ROLE clerk PASSWORD 'by hand'",
  "ALTER ROLE clerk PASSWORD NULL",
  "ALTER ROLE clerk IN DATABASE shop SET role = 'staff'",
  "ALTER ROLE clerk IN DATABASE shop SET statement_timeout = 0",
  "GRANT staff TO clerk WITH ADMIN OPTION",
])("%s is drift of that login, and applying repairs it", async (tampering) => {
  const [before, fingerprint] = [await stored(), await probed()];
  await postgres.sql("postgres", tampering);
  const [clerk, reader] = (await probed()).split(", ");
  expect(clerk).not.toBe(fingerprint.split(", ")[0]);
  expect(reader).toBe(fingerprint.split(", ")[1]);
  await postgres.sql("postgres", apply);
  expect(await stored()).toEqual(before);
  expect(await probed()).toBe(fingerprint);
});

test("control: what others hold, and unmanaged settings, stay as they are", async () => {
  const fingerprint = await probed();
  await postgres.sql(
    "postgres",
    "ALTER ROLE stranger PASSWORD 'y'; ALTER ROLE clerk IN DATABASE shop SET work_mem = '9MB'",
  );
  const before = await stored();
  expect(await probed()).toBe(fingerprint);
  await postgres.sql("postgres", apply);
  expect(await stored()).toEqual(before);
});

test("no verifier is in the probe or its answer", async () => {
  for (const verifier of Object.values(verifiers)) expect(`${probe} ${await probed()}`).not.toContain(verifier);
});

describe("PgBouncer's lookup", () => {
  const house = { howdah_pooler: scramVerifier("own", salt), howdah_monitoring: scramVerifier("own", salt) };
  const script = loginScript({ ...verifiers, ...house });
  const look = async (): Promise<string> =>
    Object.values((await postgres.sql("postgres", script.probe))[0] ?? {}).join();
  const server = () => ({ socketDirectory: postgres.socketDirectory, port: postgres.port });

  beforeAll(async () => {
    for (const login of Object.keys(house))
      await postgres.sql("postgres", `CREATE ROLE ${login} LOGIN; ALTER ROLE ${login} SET statement_timeout = '30s'`);
    await postgres.sql("postgres", script.apply);
    await postgres.sql("postgres", "CREATE DATABASE hostile");
    for (const setting of ["local_preload_libraries = 'missing'", "exit_on_error = on", "client_encoding = 'SJIS'"])
      await postgres.sql("postgres", `ALTER DATABASE hostile SET ${setting}`);
  });

  test("is the same whatever a database's owner sets, and has its timeouts from elsewhere", async () => {
    const names = ["exit_on_error", "client_encoding", "statement_timeout"];
    const sql = `SELECT ${names.map((name) => `current_setting('${name}')`).join(", ")}`;
    for (const user of Object.keys(house))
      expect(await psql(server(), { database: "hostile", user, sql })).toBe("off|UTF8|30s");
    await expect(psql(server(), { database: "hostile", user: "clerk", sql })).rejects.toThrow("missing");
  });

  test("is mended where its settings were altered; its timeouts are the provider's", async () => {
    const before = await look();
    await postgres.sql("postgres", "ALTER ROLE howdah_pooler SET statement_timeout = '20s'");
    expect(await look()).toBe(before);
    await postgres.sql("postgres", "ALTER ROLE howdah_pooler RESET local_preload_libraries");
    expect(await look()).not.toBe(before);
    await postgres.sql("postgres", script.apply);
    expect(await look()).toBe(before);
  });
});
