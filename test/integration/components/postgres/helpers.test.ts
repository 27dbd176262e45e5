import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { connectionBudget } from "../../../../components/capacity/connections";
import { apply } from "../../../../components/pgbouncer/auth-query/superuser";
import { databasesSchema } from "../../../../components/postgres/schema";
import { checkout } from "../../../../lib/paths";
import { accessSql } from "../../../support/servers/postgres/access-sql";
import { startTlsPostgres, type TlsFolder, tlsFolder } from "../../../support/servers/postgres/tls-postgres";
import type { ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { renderFor, startPooler, type ThrowawayPooler } from "../../../support/servers/routing/throwaway-pooler";

const databases = databasesSchema.parse({
  shop: {
    applications: {
      // One server connection, which clients share by the transaction.
      web: { pool: 1, overflow: 0 },
      report: { access: "readonly", pool: 1, overflow: 0 },
      migrate: { access: "owner", pool: 1, overflow: 0 },
    },
  },
});

let folder: TlsFolder;
let server: ThrowawayPostgres;
let pooler: ThrowawayPooler;
const clients = new Map<string, Client>();

async function connect(user: string, port: number): Promise<Client> {
  const ssl = { ca: readFileSync(folder.caFile, "utf8") };
  const client = new Client({ host: "127.0.0.1", port, user, password: user, database: "shop", ssl });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Rows of the last statement, as a login that is connected to the server itself. */
async function as<T = Record<string, unknown>>(user: string, text: string): Promise<T[]> {
  const client = clients.get(user) ?? (await connect(user, server.port));
  clients.set(user, client);
  const results = [await client.query(text)].flat();
  return results.at(-1)!.rows as T[];
}

/** The same for a tenant, in a transaction. */
const forTenant = async (user: string, tenant: string, text: string): Promise<Record<string, unknown>[]> => {
  await as(user, `BEGIN; SELECT use_tenant('${tenant}')`);
  try {
    return await as(user, text);
  } finally {
    await as(user, "ROLLBACK");
  }
};

const helper = (name: string): string => readFileSync(join(checkout, "components/postgres/helpers", name), "utf8");

beforeAll(async () => {
  folder = await tlsFolder();
  server = await startTlsPostgres(folder);
  for (const { database, sql } of accessSql(databases, { tokenGroup: "tokens" })) await server.sql(database, sql);
  await server.sql("shop", apply);
  const render = renderFor(connectionBudget(databases), server.port);
  pooler = await startPooler(folder, { name: "pooler", render, password: "howdah_pooler" });
  for (const name of ["tenants.sql", "masking.sql", "audit.sql"]) await as("migrate", helper(name));
}, 90_000);

afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await pooler.stop("SIGQUIT");
  await server.stop();
  await folder.remove();
});

test("the helpers can be applied again, and no other login may run those of the owner", async () => {
  for (const name of ["tenants.sql", "masking.sql", "audit.sql"]) await as("migrate", helper(name));
  for (const call of [
    "CALL protect_tenants('orders')",
    "CALL mask_table('people', 'v')",
    "CALL audit_table('orders')",
    "CALL keep_audit('1 day')",
    "SELECT expire_audit()",
    "SELECT mask_expression('a', 'hash', 'app')",
  ])
    for (const login of ["web", "report"])
      await expect(as(login, call)).rejects.toThrow(/permission denied|does not exist/);
});

test("every function that runs with its owner's rights has a search path of its own, in which nobody else can create", async () => {
  const [row] = await server.sql<{ functions: string }>(
    "shop",
    `SELECT string_agg(proname || ' ' || array_to_string(proconfig, ' '), ';' ORDER BY proname) AS functions FROM pg_proc
     WHERE prosecdef AND pronamespace = 'app'::regnamespace`,
  );
  expect(row!.functions).toBe("audit_change search_path=app, pg_temp;expire_audit search_path=app, pg_temp");
  const open = `SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
    WHERE grantee = 0 AND pronamespace = 'app'::regnamespace`;
  expect(await server.sql("shop", open)).toEqual([]);
});

describe("a table protected by tenant", () => {
  beforeAll(async () => {
    await as(
      "migrate",
      `CREATE TABLE orders (tenant_id int NOT NULL, item text); CREATE INDEX ON orders (tenant_id);
       INSERT INTO orders SELECT n % 2 + 1, 'item ' || n FROM generate_series(1, 10) n; CALL protect_tenants('orders')`,
    );
  });

  test("shows a tenant its rows, and no rows without a tenant, also to the owner", async () => {
    for (const login of ["web", "report", "migrate"]) {
      expect(await forTenant(login, "1", "SELECT DISTINCT tenant_id FROM orders")).toEqual([{ tenant_id: 1 }]);
      expect(await as(login, "SELECT FROM orders")).toEqual([]);
      expect(await as(login, "BEGIN; SET LOCAL app.tenant = ''; SELECT FROM orders")).toEqual([]);
      await as(login, "ROLLBACK");
    }
    await expect(as("web", "SELECT use_tenant('')")).rejects.toThrow("the tenant is empty");
  });

  test("lets a tenant write its own rows only", async () => {
    const own = "INSERT INTO orders VALUES (1, 'new') RETURNING item";
    expect(await forTenant("web", "1", own)).toEqual([{ item: "new" }]);
    const refused = 'new row violates row-level security policy for table "orders"';
    await expect(forTenant("web", "1", "INSERT INTO orders VALUES (2, 'foreign')")).rejects.toThrow(refused);
    await expect(forTenant("web", "1", "UPDATE orders SET tenant_id = 2")).rejects.toThrow(refused);
    expect(await forTenant("web", "1", "UPDATE orders SET item = 'x' WHERE tenant_id = 2 RETURNING 1")).toEqual([]);
    expect(await forTenant("web", "1", "DELETE FROM orders WHERE tenant_id = 2 RETURNING 1")).toEqual([]);
    await expect(as("web", own)).rejects.toThrow(refused);
  });

  test.each([
    ["ALTER TABLE orders DISABLE ROW LEVEL SECURITY", /must be owner/],
    ["ALTER TABLE orders NO FORCE ROW LEVEL SECURITY", /must be owner/],
    ["DROP POLICY tenant ON orders", /must be owner/],
    ["CREATE POLICY mine ON orders USING (true)", /must be owner/],
    ["SET ROLE shop_owner", /permission denied to set role/],
    ["TRUNCATE orders", /permission denied/],
    ["BEGIN; SET LOCAL row_security = off; SELECT FROM orders", /query would be affected by row-level security policy/],
  ])("cannot be opened by an application: %s", async (statement, refused) => {
    await expect(as("web", statement)).rejects.toThrow(refused);
    await as("web", "ROLLBACK");
  });

  test("keeps tenants apart whose transactions alternate in one server connection of the pooler", async () => {
    const [one, two, none] = [
      await connect("web", pooler.port),
      await connect("web", pooler.port),
      await connect("web", pooler.port),
    ];
    const seen = async (client: Client) => {
      const { rows } = await client.query<{ tenants: number[] | null; pid: number }>(
        "SELECT array_agg(DISTINCT tenant_id) AS tenants, pg_backend_pid() AS pid FROM orders",
      );
      return rows[0]!;
    };
    const pids = new Set<number>();
    const asTenant = async (client: Client, tenant: string) => {
      await client.query("BEGIN");
      await client.query("SELECT use_tenant($1)", [tenant]);
      const { tenants, pid } = await seen(client);
      pids.add(pid);
      await client.query("COMMIT");
      return tenants;
    };
    for (let round = 0; round < 3; round++) {
      expect(await asTenant(one, "1")).toEqual([1]);
      expect((await seen(none)).tenants).toBeNull();
      expect(await asTenant(two, "2")).toEqual([2]);
      expect((await seen(one)).tenants).toBeNull();
    }
    // They have shared it: the control. So does a setting that is not for a transaction, which is why the helper's is.
    expect(pids.size).toBe(1);
    await one.query("SELECT set_config('app.tenant', '1', false)");
    expect((await seen(none)).tenants).toEqual([1]);
    await one.query("RESET app.tenant");
    for (const client of [one, two, none]) await client.end();
  });

  test("uses the index of the tenant's column", async () => {
    await as("migrate", "BEGIN; SET LOCAL enable_seqscan = off; SELECT use_tenant('1')");
    const plan = await as("migrate", "EXPLAIN SELECT FROM orders");
    await as("migrate", "ROLLBACK");
    expect(JSON.stringify(plan)).toMatch(/Index Cond: \(tenant_id = /);
  });

  test("has partitions that are protected as well, and a table without the column is refused", async () => {
    await as(
      "migrate",
      `CREATE TABLE "Parts" (tenant_id uuid) PARTITION BY HASH (tenant_id);
       CREATE TABLE part PARTITION OF "Parts" FOR VALUES WITH (MODULUS 1, REMAINDER 0);
       INSERT INTO "Parts" VALUES (gen_random_uuid())`,
    );
    // Control: open before.
    expect(await as("web", "SELECT FROM part")).toHaveLength(1);
    await as("migrate", `CALL protect_tenants('"Parts"')`);
    expect(await as("web", "SELECT FROM part")).toEqual([]);
    await as("migrate", "CREATE TABLE plain (a int)");
    await expect(as("migrate", "CALL protect_tenants('plain')")).rejects.toThrow(
      "table app.plain has no column tenant_id",
    );
  });
});

describe("a masked view", () => {
  const people = [
    { mail: "anna@example.com", phone: "0301234567", full_name: "Anna Berg", ref: "A-1", city: "Rome" },
    { mail: "no address", phone: "12345", full_name: "Bo", ref: "A-2", city: "Oslo" },
    { mail: "a@b@evil.example", phone: null, full_name: null, ref: null, city: null },
  ];
  beforeAll(async () => {
    await as(
      "migrate",
      `CREATE TABLE people (mail text, phone text, full_name text, ref text, city text, hidden boolean NOT NULL DEFAULT false);
       COMMENT ON COLUMN people.mail IS 'where news go; pii:email'; COMMENT ON COLUMN people.phone IS 'pii:phone';
       COMMENT ON COLUMN people.full_name IS 'pii:name'; COMMENT ON COLUMN people.ref IS 'pii:hash';
       INSERT INTO people SELECT * FROM json_populate_recordset(NULL::people, '${JSON.stringify(people.map((one) => ({ ...one, hidden: false })))}');
       INSERT INTO people VALUES ('secret@example.com', '0309999999', 'Zoe', 'Z', 'hidden city', true);
       CALL mask_table('people', 'people_masked', 'hidden')`,
    );
  });

  test("shows each kind masked, to the read-only login, which cannot read the table", async () => {
    const hash = /^[0-9a-f]{64}$/;
    expect(await as("report", "SELECT * FROM people_masked ORDER BY city")).toEqual([
      {
        mail: "n***",
        phone: "***",
        full_name: "B***",
        ref: expect.stringMatching(hash) as string,
        city: "Oslo",
        hidden: false,
      },
      {
        mail: "a***@example.com",
        phone: "***67",
        full_name: "A***",
        ref: expect.stringMatching(hash) as string,
        city: "Rome",
        hidden: false,
      },
      { mail: "a***@evil.example", phone: null, full_name: null, ref: null, city: null, hidden: false },
    ]);
    await expect(as("report", "SELECT FROM people")).rejects.toThrow("permission denied for table people");
    await expect(as("report", "SELECT FROM mask_salt")).rejects.toThrow("permission denied for table mask_salt");
    await expect(as("web", "UPDATE people_masked SET city = 'x'")).rejects.toThrow("permission denied for view");
    // The application goes on with the table.
    expect(await as("web", "SELECT FROM people")).toHaveLength(4);
  });

  test("has a hash that nobody can compute who does not know the salt, and that is the same for the same value", async () => {
    const [{ plain } = { plain: "" }] = await as<{ plain: string }>(
      "report",
      "SELECT encode(sha256('A-1'), 'hex') AS plain",
    );
    const refs = await as<{ ref: string | null }>("report", "SELECT ref FROM people_masked");
    expect(refs.map(({ ref }) => ref)).not.toContain(plain);
    await as("web", "INSERT INTO people (ref) VALUES ('A-1')");
    const counts = await as(
      "report",
      "SELECT count(*)::int AS n FROM people_masked WHERE ref IS NOT NULL GROUP BY ref ORDER BY n",
    );
    expect(counts).toEqual([{ n: 1 }, { n: 2 }]);
    await as("web", "DELETE FROM people WHERE mail IS NULL");
  });

  test("leaks nothing to a function that costs less than its condition; without the barrier it would", async () => {
    await as(
      "migrate",
      `CREATE FUNCTION leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE '%', value; RETURN true; END $$;
       GRANT EXECUTE ON FUNCTION leak(text) TO shop_readonly`,
    );
    const leaked = async (): Promise<string[]> => {
      const said: string[] = [];
      const client = await connect("report", server.port);
      client.on("notice", ({ message = "" }) => void said.push(message));
      await client.query("SELECT FROM people_masked WHERE leak(city) AND leak(mail)");
      await client.end();
      return said;
    };
    const said = await leaked();
    expect(said).toContain("Rome");
    expect(said).toContain("a***@example.com");
    expect(said.join()).not.toMatch(/hidden city|anna/);
    await as("migrate", "ALTER VIEW people_masked SET (security_barrier = false)");
    expect(await leaked()).toContain("hidden city");
    await as("migrate", "CALL mask_table('people', 'people_masked', 'hidden')");
    expect(await leaked()).not.toContain("hidden city");
  });

  test("is not made if a column has a kind that is unknown", async () => {
    await as("migrate", "CREATE TABLE odd (a text); COMMENT ON COLUMN odd.a IS 'pii:shoe'");
    await expect(as("migrate", "CALL mask_table('odd', 'odd_masked')")).rejects.toThrow(
      "column a has the unknown kind pii:shoe",
    );
    await expect(as("report", "SELECT FROM odd_masked")).rejects.toThrow("does not exist");
  });
});

describe("the audit log", () => {
  beforeAll(async () => {
    await as("migrate", "CREATE TABLE accounts (id int PRIMARY KEY, balance int); CALL audit_table('accounts')");
  });

  test("has who changed what, when and in which transaction", async () => {
    await as("web", "SET application_name = 'till'");
    const [{ xid } = { xid: "" }] = await as<{ xid: string }>(
      "web",
      `BEGIN; INSERT INTO accounts VALUES (1, 10); UPDATE accounts SET balance = 20; DELETE FROM accounts;
       SELECT pg_current_xact_id()::text AS xid`,
    );
    await as("web", "COMMIT");
    await as("migrate", "TRUNCATE accounts");
    const rows = await as(
      "migrate",
      "SELECT login, application, transaction::text AS xid, on_table, operation, old_row, new_row FROM audit_log ORDER BY id",
    );
    const common = { login: "web", application: "till", xid, on_table: "app.accounts" };
    const [ten, twenty] = [
      { id: 1, balance: 10 },
      { id: 1, balance: 20 },
    ];
    expect(rows.slice(0, 3)).toEqual([
      { ...common, operation: "INSERT", old_row: null, new_row: ten },
      { ...common, operation: "UPDATE", old_row: ten, new_row: twenty },
      { ...common, operation: "DELETE", old_row: twenty, new_row: null },
    ]);
    expect(rows[3]).toMatchObject({ login: "migrate", operation: "TRUNCATE", old_row: null, new_row: null });
  });

  test.each(["UPDATE audit_log SET login = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"])(
    "refuses the application and the login of migrations: %s",
    async (statement) => {
      for (const retention of ["", "BEGIN; CALL keep_audit('1 day'); "]) {
        await expect(as("web", statement)).rejects.toThrow("permission denied for table audit_log");
        await expect(as("migrate", `${retention}${statement}`)).rejects.toThrow(/on the audit log is refused/);
        await as("migrate", "ROLLBACK");
        expect(await as("migrate", "SELECT FROM audit_log")).not.toEqual([]);
      }
    },
  );

  test("takes no row from an application, and shows it none", async () => {
    const forged =
      "INSERT INTO audit_log (login, application, transaction, on_table, operation) VALUES ('a', 'b', '1', 'c', 'd')";
    for (const statement of [forged, "SELECT FROM audit_log", "SELECT audit_change()"])
      for (const login of ["web", "report"]) await expect(as(login, statement)).rejects.toThrow("permission denied");
  });

  describe("with a retention", () => {
    const old = `INSERT INTO audit_log (at, login, application, transaction, on_table, operation)
      SELECT now() - interval '400 days', 'web', '', '1', 'app.old', 'INSERT' FROM generate_series(1, 5)`;
    const count = async (where: string) => (await as("migrate", `SELECT FROM audit_log WHERE ${where}`)).length;

    test("does not expire before one is set, which is at least a day and is recorded", async () => {
      await as("migrate", old);
      await expect(as("migrate", "SELECT expire_audit()")).rejects.toThrow("the audit log has no retention");
      await expect(as("migrate", "CALL keep_audit('23 hours')")).rejects.toThrow("audit_retention_age_check");
      await as("migrate", "CALL keep_audit('2 years'); CALL keep_audit('1 year')");
      const recorded =
        "SELECT login, old_row->>'age' AS was, new_row->>'age' AS is FROM audit_log WHERE on_table = 'app.audit_retention'";
      expect(await as("migrate", `${recorded} ORDER BY id`)).toEqual([
        { login: "migrate", was: null, is: "2 years" },
        { login: "migrate", was: "2 years", is: "1 year" },
      ]);
    });

    test("expires in batches, through a login that may do nothing else with it, and only what is older", async () => {
      const young = await count("on_table <> 'app.old'");
      const expire = (batch: string) => as("web", `SELECT expire_audit(${batch})::int AS n`);
      await expect(expire("")).rejects.toThrow("permission denied for function expire_audit");
      await as("migrate", "GRANT EXECUTE ON FUNCTION expire_audit(int) TO web");
      expect(await expire("3")).toEqual([{ n: 3 }]);
      expect(await expire("")).toEqual([{ n: 2 }]);
      expect(await expire("")).toEqual([{ n: 0 }]);
      expect(await count("true")).toBe(young);
      await expect(as("web", "CALL keep_audit('1 day')")).rejects.toThrow("permission denied");
      await expect(as("web", "DELETE FROM audit_log")).rejects.toThrow("permission denied for table audit_log");
      await as("migrate", "REVOKE EXECUTE ON FUNCTION expire_audit(int) FROM web");
    });

    test("keeps what is younger from its owner as well, row by row", async () => {
      await as("migrate", old);
      await expect(as("migrate", "DELETE FROM audit_log")).rejects.toThrow("refused");
      expect(await count("on_table = 'app.old'")).toBe(5);
      await as("migrate", "DELETE FROM audit_log WHERE on_table = 'app.old'");
      expect(await count("on_table = 'app.old'")).toBe(0);
    });
  });

  test("of an earlier version of the file is taken over: what its flag has opened stays closed", async () => {
    await as(
      "migrate",
      `CREATE FUNCTION expire_audit(age interval, batch int DEFAULT 10000) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
       CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()`,
    );
    await as("migrate", helper("audit.sql"));
    await expect(as("migrate", "SELECT expire_audit('1 day', 1)")).rejects.toThrow("does not exist");
    await expect(as("migrate", "SET audit.expiring = 'on'; DELETE FROM audit_log")).rejects.toThrow("refused");
    expect(await as("migrate", "SELECT expire_audit()::int AS n")).toEqual([{ n: 0 }]);
  });
});
