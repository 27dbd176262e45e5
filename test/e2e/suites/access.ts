import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { privilegeMatrix, roleOf, type Group } from "../../../components/postgres/access/matrix";
import { scramVerifier } from "../../../components/postgres/access/logins/scram";
import { cellCount, dropObjects, makeObjects, unexpectedCells } from "../../support/servers/postgres/privileges";
import { superuser } from "../../support/stack/stack";
import { refusal, session, type Running } from "./context";

const groups = Object.keys(privilegeMatrix) as Group[];
const password = randomBytes(12).toString("hex");

/** A login that has nothing but one group's rights. */
const probeOf = (group: Group): string => `cell_${group}`;

const makeProbes = (): string => {
  const verifier = scramVerifier(password, randomBytes(16).toString("base64"));
  const make = (group: Group): string => {
    const membership = group === "public" ? "" : ` IN ROLE ${roleOf(group, "app")}`;
    return `CREATE ROLE ${probeOf(group)} LOGIN PASSWORD '${verifier}'${membership};`;
  };
  return groups.map(make).join("\n");
};

/** Everything that PUBLIC holds if an application could meet it. */
const publicRights = `SELECT string_agg(what, ', ' ORDER BY what) FROM (
  SELECT 'database ' || datname || ' ' || privilege_type AS what FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
    WHERE grantee = 0 AND datallowconn
  UNION ALL SELECT 'schema ' || nspname || ' ' || privilege_type FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
    WHERE grantee = 0 AND nspname NOT IN ('pg_catalog', 'information_schema')
  UNION ALL SELECT 'function ' || proname || ' ' || privilege_type FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
    WHERE grantee = 0 AND pronamespace::regnamespace::text IN ('app', 'pooler', 'public')
  UNION ALL SELECT 'type ' || typname || ' ' || privilege_type FROM pg_type, aclexplode(coalesce(typacl, acldefault('T', typowner)))
    WHERE grantee = 0 AND typnamespace::regnamespace::text IN ('app', 'public') AND typtype = 'e'
) AS held`;

/** Privileges as they are on the servers, tried as every role. */
export function access(running: () => Running): void {
  const sql = (text: string, database = "app"): Promise<string> =>
    superuser(running().stack, { port: running().primary, database }, text);

  describe("the privilege matrix on the servers", () => {
    beforeAll(async () => {
      // By a migration through the pooler, so that the default privileges are those of everyday life.
      await running().stack.query("app_migrator", makeObjects);
      await sql(makeProbes());
    });

    afterAll(async () => {
      await running().stack.query("app_migrator", dropObjects);
      await sql(groups.map((group) => `DROP ROLE ${probeOf(group)};`).join("\n"));
    });

    test(`each of ${cellCount} cells, tried as its role, is allowed or forbidden as the matrix says`, async () => {
      expect(await unexpectedCells(running().stack, running().primary)).toEqual({});
    });

    test.each([
      ["GRANT INSERT ON app.cell_table TO app_readonly", { "readonly table INSERT": "allowed" }],
      ["GRANT CREATE ON SCHEMA app TO app_readwrite", { "readwrite schema CREATE": "allowed" }],
      ["GRANT TEMPORARY ON DATABASE app TO howdah_pooler", { "pooler database TEMPORARY": "allowed" }],
      [
        "GRANT USAGE ON SCHEMA app TO PUBLIC",
        { "public schema USAGE": "allowed", "monitoring schema USAGE": "allowed" },
      ],
      ["GRANT EXECUTE ON FUNCTION app.cell_function TO howdah_backup", { "backup function EXECUTE": "allowed" }],
      ["GRANT USAGE ON TYPE app.cell_type TO app_readwrite", {}],
      ["REVOKE DELETE ON app.cell_table FROM app_readwrite", { "readwrite table DELETE": "forbidden" }],
      ["REVOKE SELECT ON app.cell_table FROM howdah_backup", { "backup table SELECT": "forbidden" }],
      ["REVOKE USAGE ON SCHEMA app FROM howdah_backup", { "backup schema USAGE": "forbidden" }],
      [
        "REVOKE SELECT ON SEQUENCE app.cell_sequence FROM howdah_monitoring",
        { "monitoring sequence SELECT": "forbidden" },
      ],
    ])("control: after %s the trial reports it", async (change, reported) => {
      const found = await unexpectedCells(running().stack, running().primary, change);
      expect(found).toMatchObject(reported);
      expect(found).not.toEqual({});
    });

    test.each(groups)("%s logs in to the databases that the matrix allows, and to no other", async (group) => {
      const login = { port: running().ports.readWrite, user: probeOf(group), password };
      const refused = /^permission denied for database/;
      const wanted = (privilegeMatrix[group].database as readonly string[]).includes("CONNECT");
      const answer = await refusal(running(), { ...login, database: "app" });
      expect(answer).toMatch(wanted ? /^let in$/ : refused);
      expect(await refusal(running(), { ...login, database: "postgres" })).toMatch(refused);
      expect(await refusal(running(), { ...login, database: "template1" })).toMatch(refused);
    });

    test("PUBLIC holds nothing on databases, schemas, functions and types", async () => {
      expect(await sql(publicRights)).toBe("");
      const planted = `BEGIN; GRANT EXECUTE ON FUNCTION app.cell_function TO PUBLIC; ${publicRights}; ROLLBACK`;
      expect(await sql(planted)).toBe("function cell_function EXECUTE");
    });

    test("what a migration makes belongs to the owner group", async () => {
      const owners = `SELECT string_agg(DISTINCT owner::regrole::text, ' ') FROM (
        SELECT relowner AS owner FROM pg_class WHERE relname LIKE 'cell%'
        UNION ALL SELECT proowner FROM pg_proc WHERE proname LIKE 'cell%' UNION ALL SELECT typowner FROM pg_type WHERE typname LIKE 'cell%') AS made`;
      expect(await sql(owners)).toBe("app_owner");
    });

    test("a row written by one login is read by the other, on a replica too, and not written by it", async () => {
      const { stack } = running();
      await stack.query("app", "INSERT INTO cell_table VALUES (42)");
      expect(await stack.query("reports", "SELECT id FROM cell_table")).toEqual([{ id: 42 }]);
      expect(await stack.query("reports", "SELECT pg_is_in_recovery() AS replica", "readOnly")).toEqual([
        { replica: true },
      ]);
      await expect(stack.query("reports", "DELETE FROM cell_table")).rejects.toThrow(
        "permission denied for table cell_table",
      );
      await stack.query("app", "DELETE FROM cell_table");
    });
  });

  describe("the logins of the applications", () => {
    test("reach the primary itself with their direct URLs, which verify it, and keep a session there", async () => {
      const { stack, primary } = running();
      const { connections } = await stack.outputs();
      for (const application of Object.keys(connections)) {
        expect(new URL(connections[application]!.direct).searchParams.get("sslmode")).toBe("verify-full");
        const client = new Client(await stack.client(application, "direct"));
        await client.connect();
        await client.query("SELECT pg_advisory_lock(1), set_config('app.kept', 'yes', false)");
        const kept =
          "SELECT inet_server_port() AS port, current_setting('app.kept') AS kept, pg_advisory_unlock(1) AS held";
        expect((await client.query(kept)).rows).toEqual([{ port: primary, kept: "yes", held: true }]);
        await client.end();
      }
    });

    test.each([
      ["app", { statement_timeout: "45s", idle_in_transaction_session_timeout: "20s", search_path: "app" }],
      ["reports", { statement_timeout: "15min", idle_in_transaction_session_timeout: "1min", search_path: "app" }],
      ["app_migrator", { statement_timeout: "1h", idle_in_transaction_session_timeout: "1min", search_path: "app" }],
    ])("%s has its time limits and search path through the pooler", async (login, expected) => {
      const names = Object.keys(expected);
      const columns = names.map((name) => `current_setting('${name}') AS ${name}`).join(", ");
      expect(await running().stack.query(login, `SELECT ${columns}`)).toEqual([expected]);
    });

    test("a limit set by one client is gone for the next in the same pool", async () => {
      const { stack } = running();
      await stack.query("reports", "BEGIN; SET LOCAL statement_timeout = 60000; COMMIT");
      expect(await stack.query("reports", "SHOW statement_timeout")).toEqual([{ statement_timeout: "15min" }]);
    });

    test("the time limit of a statement ends it", async () => {
      const statement = "BEGIN; SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)";
      await expect(running().stack.query("app", statement)).rejects.toThrow(
        "canceling statement due to statement timeout",
      );
    });

    test("a login beyond its connection limit is refused by the server", async () => {
      const limit = Number(await sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'reports'"));
      expect(limit).toBeGreaterThan(0);
      const config = {
        port: running().primary,
        user: "reports",
        password: running().passwords["access-login-reports-password"]!,
        database: "app",
      };
      const hold = (left: number): Promise<string> =>
        session(running(), config, () => (left === 0 ? Promise.resolve("let in") : hold(left - 1))).catch(
          (error: unknown) => (error as Error).message,
        );
      expect(await hold(limit)).toBe('too many connections for role "reports"');
    });
  });

  describe("logins of the house", () => {
    const named = (name: string): string => running().passwords[name] ?? "";

    test("no login is superuser over TCP, at any node, HAProxy or PgBouncer", async () => {
      const { ports } = running();
      const doors = [...ports.nodes, ports.readWrite, ports.readWrite + 1];
      const answers = await Promise.all(
        doors.map((port) => refusal(running(), { port, user: "postgres", password, database: "app" })),
      );
      expect(answers.filter((answer) => !/pg_hba.conf rejects connection .*user "postgres"/.test(answer))).toEqual([]);
      expect(await refusal(running(), { port: ports.pooler, user: "postgres", password, database: "app" })).not.toBe(
        "let in",
      );
      expect(await sql("SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolsuper")).toBe("postgres");
    });

    test("replication, rewind and backup logins are refused beyond their purpose, with the right password", async () => {
      const { primary, ports } = running();
      const rejected = /pg_hba.conf rejects connection/;
      const replicator = { user: "replicator", password: named("postgres-replication") };
      const rewind = { user: "rewind", password: named("postgres-rewind") };
      expect(await refusal(running(), { port: primary, database: "app", ...replicator })).toMatch(rejected);
      expect(await refusal(running(), { port: primary, database: "postgres", ...replicator })).toMatch(rejected);
      expect(await refusal(running(), { port: primary, database: "app", ...rewind })).toMatch(rejected);
      expect(
        await refusal(running(), { port: primary, database: "postgres", user: "howdah_backup_agent", password }),
      ).toMatch(rejected);
      for (const login of [replicator, rewind])
        expect(await refusal(running(), { port: ports.pooler, database: "app", ...login })).not.toBe("let in");
      // Control: the same password opens the one database that pg_rewind needs.
      expect(await refusal(running(), { port: primary, database: "postgres", ...rewind })).toBe("let in");
    });

    test("the logins of the pooler and of the administrator do not come through the pooler", async () => {
      const pairs = [
        ["howdah_pooler", "access-login-howdah_pooler-password"],
        ["howdah_admin", "postgres-administrator"],
        ["howdah_monitoring", "access-login-howdah_monitoring-password"],
      ] as const;
      for (const [user, name] of pairs) {
        const login = { port: running().ports.pooler, user, password: named(name), database: "app" };
        expect(await refusal(running(), login)).not.toBe("let in");
      }
    });
  });
}
