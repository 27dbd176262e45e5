import { loginScript } from "../../../../../../components/platforms/local/postgres/login-sql";
import { scramVerifier } from "../../../../../../components/postgres/access/scram";
import { startPostgres, type ThrowawayPostgres } from "../../../../../support/servers/throwaway-postgres";

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

test("control: what others hold, and settings that nobody manages, stay as they are", async () => {
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
