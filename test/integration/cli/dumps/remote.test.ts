import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RemoteStackFile } from "../../../../contracts/stack-file";
import { apply as installLookup } from "../../../../components/pgbouncer/auth-query/superuser";
import { backUpLogically } from "../../../../cli/dumps/take/backup";
import type { Manifest } from "../../../../cli/dumps/store/manifest";
import { restoreLogically } from "../../../../cli/dumps/restore/restore";
import { withDatabase } from "../../../../cli/dumps/programs";
import { run } from "../../../../lib/process/task";
import { passwordLine, passwordOf, remoteServer } from "../../../../cli/session/remote-login";
import { query } from "../../../../cli/session/sql";
import { listening } from "../../../support/servers/backups/logical";
import { awkward, type RemoteDatabase, startRemote } from "../../../support/servers/backups/remote-job";

let remote: RemoteDatabase;
beforeAll(async () => {
  remote = await startRemote();
  await remote.postgres.sql("app", "CREATE EXTENSION pg_trgm SCHEMA app");
  await remote.postgres.sql("app", installLookup);
  await remote.as(
    "app_owner",
    `CREATE EXTENSION citext SCHEMA app;
     CREATE TABLE app.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name app.citext, made date);
     INSERT INTO app.orders (name) SELECT md5(n::text) FROM generate_series(1, 20000) n;
     CREATE TABLE app.parts (day date, n int) PARTITION BY RANGE (day);
     CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
     CREATE TABLE app.large AS SELECT string_agg(md5(n::text), '') AS text FROM generate_series(1, 40000) n;
     CREATE SEQUENCE app.numbers; SELECT nextval('app.numbers');
     CREATE MATERIALIZED VIEW app.names AS SELECT name FROM app.orders;
     CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'`,
  );
});
beforeEach(async () => {
  rmSync(join(remote.place, "store"), { recursive: true, force: true });
  await remote.postgres.sql("postgres", "DROP DATABASE IF EXISTS again WITH (FORCE)");
});
afterAll(() => remote.stop());

const backUp = (job: RemoteStackFile = remote.job(), database = "app"): Promise<Manifest> =>
  backUpLogically(job, { database, kind: "dump", tier: "logical", server: remoteServer(job) }, listening());
const objects = (): string[] =>
  existsSync(join(remote.place, "store")) ? readdirSync(join(remote.place, "store")) : [];
const work = (): string[] => (existsSync(join(remote.place, "work")) ? readdirSync(join(remote.place, "work")) : []);

describe("a dump by a login with exactly the grants of the program", () => {
  test("holds what the owner made: tables, partitions, sequences, large values, his extension; and leaves no password", async () => {
    const manifest = await backUp();
    expect(manifest).toMatchObject({
      database: "app",
      tables: 4,
      creation: { owner: "app_owner" },
      startLsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) as string,
    });
    expect(manifest.databaseBytes).toBeGreaterThan(1_000_000);
    expect(work()).toEqual([]);
    // Into the same server, as its superuser: all is there again.
    await restoreLogically(remote.job(), { name: manifest.name, into: "again", server: remote.postgres }, listening());
    const sums = `SELECT (SELECT count(*) FROM app.orders)::int AS orders, (SELECT md5(text) FROM app.large) AS large,
      (SELECT last_value FROM app.numbers)::int AS number, (SELECT count(*) FROM app.names)::int AS names, app.twice(21) AS twice`;
    const [before, after] = [await remote.postgres.sql("app", sums), await remote.postgres.sql("again", sums)];
    expect(after).toEqual(before);
    expect(after).toMatchObject([{ orders: 20_000, names: 20_000, twice: 42, number: 1 }]);
    // The pooler's lookup is the platform's to make.
    const schemas = await remote.postgres.sql("again", "SELECT FROM pg_namespace WHERE nspname = 'pooler'");
    expect(schemas).toEqual([]);
  });

  const unreadable = [
    {
      what: "a table of somebody else's",
      make: "CREATE TABLE public.foreign_table (a int)",
      drop: "DROP TABLE public.foreign_table",
      name: "public",
      whose: "table public.foreign_table of postgres",
    },
    {
      what: "a table whose grant was taken away",
      make: "CREATE TABLE app.taken (a int); REVOKE ALL ON app.taken FROM howdah_backup",
      drop: "DROP TABLE app.taken",
      name: "taken",
      whose: "table app.taken of postgres",
    },
    {
      what: "a sequence that nobody granted",
      make: "CREATE SEQUENCE app.hidden; REVOKE ALL ON app.hidden FROM howdah_backup",
      drop: "DROP SEQUENCE app.hidden",
      name: "hidden",
      whose: "sequence app.hidden of postgres",
    },
    {
      what: "a large object",
      make: "SELECT lo_create(4711)",
      drop: "SELECT lo_unlink(4711)",
      name: "large object 4711",
      whose: "large object 4711 of postgres",
    },
  ];
  test.each(unreadable)(
    "fails with its name and owner where it may not read $what",
    async ({ make, drop, name, whose }) => {
      await remote.postgres.sql("app", make);
      try {
        await expect(backUp()).rejects.toThrow(
          new RegExp(`permission denied.* ${name}.*may not read: ${whose}\\. Its owner can`, "s"),
        );
        expect(objects()).toEqual([]);
      } finally {
        await remote.postgres.sql("app", drop);
      }
      await backUp();
    },
  );

  test("fails where policies hide rows: half a table is no backup", async () => {
    await remote.as("app_owner", "CREATE TABLE app.rows (a int); ALTER TABLE app.rows ENABLE ROW LEVEL SECURITY");
    await expect(backUp())
      .rejects.toThrow(
        /row-level security policy for table "rows".*rows of table app\.rows that its policies hide of app_owner/s,
      )
      .finally(() => remote.as("app_owner", "DROP TABLE app.rows"));
  });

  test("takes large objects that their owner has granted", async () => {
    await remote.as(
      "app_owner",
      "SELECT lo_from_bytea(4711, '\\x00'); GRANT SELECT ON LARGE OBJECT 4711 TO howdah_backup",
    );
    await backUp().finally(() => remote.as("app_owner", "SELECT lo_unlink(4711)"));
  });

  test("cannot read verifiers, nor write (controls)", async () => {
    await expect(remote.as("howdah_dump", "SELECT rolpassword FROM pg_authid")).rejects.toThrow("permission denied");
    await expect(remote.as("howdah_dump", "DELETE FROM app.orders")).rejects.toThrow("permission denied");
  });
});

describe("the connection", () => {
  const withServer = (change: Partial<RemoteStackFile["server"]>): RemoteStackFile => {
    const job = remote.job();
    return { ...job, server: { ...job.server, ...change } };
  };

  /** A program of PostgreSQL's in the environment of a dump. */
  const psql = (job: RemoteStackFile): Promise<string> =>
    withDatabase(remoteServer(job), "app", (environment) =>
      run({ program: "psql", args: ["-XAt", "-c", "SELECT current_user"], variables: environment }),
    );

  test("is the login's, for our sessions and for PostgreSQL's own programs", async () => {
    await expect(psql(remote.job())).resolves.toBe("howdah_dump");
    const [row] = await query(
      remoteServer(remote.job()),
      "SELECT current_user AS name, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    );
    expect(row).toEqual({ name: "howdah_dump", ssl: true });
  });

  test("of another authority is refused by both", async () => {
    const job = withServer({ ca: remote.folder.otherCaFile });
    await expect(backUp(job)).rejects.toThrow(/certificate/);
    await expect(psql(job)).rejects.toThrow(/certificate verify failed/);
  });

  test("to a name that the certificate does not bear is refused by both", async () => {
    // The server's address all the same: Linux takes it for the loopback one.
    const job = withServer({ host: "0.0.0.0" });
    await expect(backUp(job)).rejects.toThrow(/does not match|altname/i);
    await expect(psql(job)).rejects.toThrow(/does not match host name/);
  });

  test("with a token of the cloud's signs it for this server and this login alone", async () => {
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "a-secret-word" });
    const token = await passwordOf({
      ...remote.job().server,
      host: "db.example.com",
      auth: { iam: { region: "eu-central-1" } },
    }).finally(() => {
      process.env = before;
    });
    const url = new URL(`https://${token}`);
    expect(url.host).toBe(`db.example.com:${remote.postgres.port}`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: "connect",
      DBUser: "howdah_dump",
      "X-Amz-Expires": "900",
      "X-Amz-Credential": expect.stringContaining("/eu-central-1/rds-db/") as string,
    });
    expect(token).not.toContain("a-secret-word");
  });

  test("with a wrong password is refused, and the password in no message", async () => {
    const passwordFile = join(remote.place, "wrong");
    writeFileSync(passwordFile, "a-wrong-word");
    const failed = await backUp(withServer({ auth: { passwordFile } })).catch((error: unknown) => String(error));
    expect(failed).toMatch(/password authentication failed/);
    expect(failed).not.toContain("a-wrong-word");
  });

  test("takes a password of any characters from a file of libpq's", () => {
    const line = passwordLine("me", "a:b\\c");
    expect(line).toBe("*:*:*:me:a\\:b\\\\c\n");
    expect(awkward).toMatch(/[:\\]/);
    expect(readFileSync(join(remote.place, "password"), "utf8")).toBe(`${awkward}\n`);
  });
});

describe("a restore of a dump over the network", () => {
  test("is refused for a login that may not make a database", async () => {
    const { name } = await backUp();
    const job = remote.job();
    await expect(
      restoreLogically(job, { name, into: "again", server: remoteServer(job) }, listening()),
    ).rejects.toThrow(/^howdah_dump may not create a database/);
  });

  test("works as the administrator's, who is no superuser, and no other login gets in before it is complete", async () => {
    const { name } = await backUp(remote.job(), "audit");
    await remote.postgres.sql(
      "postgres",
      "CREATE ROLE administrator LOGIN CREATEDB PASSWORD 'word' IN ROLE audit_owner, howdah_backup",
    );
    const passwordFile = join(remote.place, "administrator");
    writeFileSync(passwordFile, "word");
    const job = remote.job();
    const server = remoteServer({ ...job, server: { ...job.server, user: "administrator", auth: { passwordFile } } });
    await restoreLogically(job, { name, into: "again", server: { ...server, database: "audit" } }, listening());
    await belongsToOwner();
  });

  test("runs what a dump brings along as a login without rights, where the administrator hands over afterwards", async () => {
    await remote.as(
      "audit_owner",
      `CREATE FUNCTION audit.who(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
         $$ BEGIN IF current_database() = 'howdah_restore' THEN RAISE EXCEPTION 'run by %', session_user; END IF; RETURN n; END $$;
       CREATE TABLE audit.guarded (n int CHECK (audit.who(n) > 0)); INSERT INTO audit.guarded VALUES (1)`,
      "audit",
    );
    const { name } = await backUp(remote.job(), "audit");
    await remote.postgres.sql("postgres", "ALTER ROLE administrator CREATEROLE");
    const passwordFile = join(remote.place, "administrator");
    const job = remote.job();
    const login = remoteServer({ ...job, server: { ...job.server, user: "administrator", auth: { passwordFile } } });
    const server = { ...login, database: "audit" };
    const asked = { name, into: "again", server, confined: { folder: remote.place, handOver: {} } };
    await expect(restoreLogically(job, asked, listening())).rejects.toThrow("run by howdah_restore");
    await remote.as("audit_owner", "ALTER TABLE audit.guarded DROP CONSTRAINT guarded_n_check", "audit");
    const harmless = await backUp(remote.job(), "audit");
    await restoreLogically(job, { ...asked, name: harmless.name }, listening());
    await belongsToOwner();
    const [made] = await remote.postgres.sql(
      "again",
      `SELECT pg_get_userbyid(relowner) AS owner, has_table_privilege('audit_readonly', oid, 'SELECT') AS read,
         (SELECT count(*) > 0 FROM pg_default_acl WHERE defaclrole = 'audit_owner'::regrole) AS defaults,
         (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'howdah_restore') AS open
       FROM pg_class WHERE oid = 'audit.guarded'::regclass`,
    );
    expect(made).toEqual({ owner: "audit_owner", read: true, defaults: true, open: false });
  });

  async function belongsToOwner(): Promise<void> {
    const [row] = await remote.postgres.sql(
      "postgres",
      `SELECT pg_get_userbyid(datdba) AS owner, has_database_privilege('howdah_monitoring', oid, 'CONNECT') AS open
       FROM pg_database WHERE datname = 'again'`,
    );
    expect(row).toEqual({ owner: "audit_owner", open: false });
  }
});
