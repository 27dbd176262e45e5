import fc from "fast-check";
import {
  clientsPerLogin,
  pgbouncerFiles,
  type PoolerInput,
  userlistFile,
} from "../../../../components/pgbouncer/files";
import { allowedSettings } from "../../../../components/pgbouncer/allowed-settings";
import { poolerSchema } from "../../../../components/pgbouncer/schema";
import { databasesSchema } from "../../../../components/postgres/schema";
import { connectionBudget } from "../../../../components/capacity/connections";
import { anyDatabases, sampleDatabases } from "../../../support/servers/postgres/databases";

const input = (change: Partial<PoolerInput> = {}): PoolerInput => ({
  listen: { host: "127.0.0.1", port: 6432 },
  readWrite: { host: "localhost", port: 5000 },
  readOnly: { host: "localhost", port: 5001 },
  ...connectionBudget(sampleDatabases),
  settings: poolerSchema.parse({}),
  limits: { query: 305, idleTransaction: 65 },
  preparedStatements: 100,
  version: "PgBouncer 1.24.1",
  allow: [{ cidr: "10.0.0.0/16", reason: "the office" }],
  paths: {
    socketDirectory: "/run/pooler",
    certificate: "/tls/pooler.crt",
    key: "/tls/pooler.key",
    ca: "/tls/ca.crt",
    hba: "/etc/pooler/hba",
    userlist: "/etc/pooler/userlist",
  },
  ...change,
});

const withParameters = (parameters: Record<string, string | number>): PoolerInput =>
  input({ settings: poolerSchema.parse({ parameters }) });

/** Settings of the section [pgbouncer], in the order of the file. */
function settingsOf(ini: string): [string, string][] {
  const section = ini.slice(ini.indexOf("[pgbouncer]\n") + "[pgbouncer]\n".length);
  return section
    .trimEnd()
    .split("\n")
    .map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
}

const setting = (ini: string, name: string): string | undefined => Object.fromEntries(settingsOf(ini))[name];

test("one login gets no more than its share of the clients, where PgBouncer has a setting for that", () => {
  const share = (version: string) => setting(pgbouncerFiles(input({ version })).ini, "max_user_client_connections");
  expect(share("PgBouncer 1.24.0")).toBe("750");
  // 1.22 would not start with it.
  expect([share("PgBouncer 1.22.1"), share("")]).toEqual([undefined, undefined]);
});

test("each route of each database goes to its own endpoint, with its share of the budget", () => {
  const [section, ...lines] = pgbouncerFiles(input()).ini.split("\n\n")[0]!.split("\n");
  expect(section).toBe("[databases]");
  const auth = "auth_user='howdah_pooler'";
  expect(lines).toEqual([
    `audit = host='localhost' port=5000 dbname='audit' ${auth} pool_mode='session' pool_size=10 reserve_pool=5 max_db_connections=16`,
    `audit_ro = host='localhost' port=5001 dbname='audit' ${auth} pool_mode='session' pool_size=10 reserve_pool=5 max_db_connections=16`,
    `orders = host='localhost' port=5000 dbname='orders' ${auth} pool_mode='transaction' pool_size=20 reserve_pool=5 max_db_connections=43`,
    `orders_ro = host='localhost' port=5001 dbname='orders' ${auth} pool_mode='transaction' pool_size=20 reserve_pool=5 max_db_connections=43`,
  ]);
});

describe("logins", () => {
  const databases = databasesSchema.parse({
    orders: { applications: { web: { pool: 20 }, feed: { poolMode: "session", pool: 4, overflow: 1, rotations: 1 } } },
  });
  const linesOf = (version: string): string[] =>
    pgbouncerFiles(input({ ...connectionBudget(databases), version }))
      .ini.split("\n\n")[1]!
      .split("\n");

  test("each has its application's pool mode, both that take turns; sessions have their own number of connections", () => {
    expect(linesOf("PgBouncer 1.24.1")).toEqual([
      "[users]",
      "feed = pool_mode=session pool_size=4 reserve_pool_size=1",
      "feed_b = pool_mode=session pool_size=4 reserve_pool_size=1",
      "web = pool_mode=transaction",
    ]);
  });

  test("an older PgBouncer is refused, unless every login has its database's mode", () => {
    expect(() => linesOf("PgBouncer 1.23.1")).toThrow(
      "databases.orders.applications: the pool mode session of feed differs from its database's, which takes PgBouncer 1.24",
    );
    expect(pgbouncerFiles(input({ version: "PgBouncer 1.23.1" })).ini).not.toContain("[users]");
  });
});

test.each([
  ["auth_type", "hba"],
  ["client_tls_sslmode", "require"],
  ["server_tls_sslmode", "verify-full"],
  ["client_tls_protocols", "secure"],
  ["server_tls_protocols", "secure"],
  ["client_tls_ciphers", "ECDHE+AESGCM:ECDHE+CHACHA20"],
  ["server_tls_ciphers", "ECDHE+AESGCM:ECDHE+CHACHA20"],
  ["query_timeout", "305"],
  ["idle_transaction_timeout", "65"],
  ["admin_users", ""],
  ["unix_socket_mode", "0700"],
  ["query_wait_timeout", "30"],
  ["server_login_retry", "0.25"],
  ["min_pool_size", "0"],
])("%s is %j", (name, value) => {
  expect(setting(pgbouncerFiles(input()).ini, name)).toBe(value);
});

test("there is no auth_user for all: PgBouncer 1.18 would look up who opens the console in the console", () => {
  expect(setting(pgbouncerFiles(input()).ini, "auth_user")).toBeUndefined();
});

test("an allowed override takes the place of a default", () => {
  expect(setting(pgbouncerFiles(input()).ini, "server_check_delay")).toBe("10");
  expect(setting(pgbouncerFiles(withParameters({ server_check_delay: 0 })).ini, "server_check_delay")).toBe("0");
});

test.each(Object.entries(allowedSettings))("an override of %s reaches the file", (name, spec) => {
  const value = spec.kind === "text" ? (/cipher|ECDHE/.test(spec.allowed) ? "ECDHE+CHACHA20" : "options") : spec.max;
  // A comma ends the list of names.
  const written = setting(pgbouncerFiles(withParameters({ [name]: value })).ini, name)?.replace(/,$/, "");
  expect(written).toBe(String(value));
});

test("the list of ignored parameters ends with a comma, its default and an override alike", () => {
  const ignored = (parameters = {}) =>
    setting(pgbouncerFiles(withParameters(parameters)).ini, "ignore_startup_parameters");
  expect(ignored()).toBe("extra_float_digits,");
  expect(ignored({ ignore_startup_parameters: "options" })).toBe("options,");
});

test.each(["server_tls_sslmode", "auth_type", "no_such_setting"])("an override of %s is refused", (name) => {
  expect(() => pgbouncerFiles(withParameters({ [name]: "any" }))).toThrow(`pooler.parameters.${name}`);
});

test("settings are sorted, each once", () => {
  const names = settingsOf(pgbouncerFiles(withParameters({ verbose: 1, client_idle_timeout: 60 })).ini).map(
    ([name]) => name,
  );
  expect(names).toEqual([...new Set(names)].sort());
  expect(names).toEqual(expect.arrayContaining(["verbose", "client_idle_timeout"]));
});

test("a login never ends before a query's wait would", () => {
  const ini = (poolWait: string): string => pgbouncerFiles(input({ settings: poolerSchema.parse({ poolWait }) })).ini;
  expect(setting(ini("5 minutes"), "client_login_timeout")).toBe("300");
  expect(setting(ini("5 seconds"), "client_login_timeout")).toBe("60");
});

test("every configuration gives one line to each alias, whatever the order", () => {
  fc.assert(
    fc.property(anyDatabases, (databases) => {
      const { pools } = connectionBudget(databases);
      const { ini } = pgbouncerFiles(input({ pools }));
      for (const { alias, limit } of pools) {
        const lines = ini.split("\n").filter((line) => line.startsWith(`${alias} = `));
        expect(lines).toHaveLength(1);
        expect(lines[0]).toContain(` max_db_connections=${limit}`);
      }
      expect(pgbouncerFiles(input({ pools: [...pools].reverse() })).ini).toBe(ini);
    }),
  );
});

test("no value breaks out of its line", () => {
  fc.assert(
    fc.property(fc.constantFrom("\n", "\r", "\0"), fc.string(), (ender, text) => {
      const host = `${text}${ender}auth_type = any`;
      expect(() => pgbouncerFiles(input({ readWrite: { host, port: 1 } }))).toThrow("control character");
      expect(() => pgbouncerFiles(input({ listen: { host, port: 1 } }))).toThrow("control character");
    }),
  );
});

test("a quote in a value is doubled", () => {
  const { ini } = pgbouncerFiles(input({ readWrite: { host: "a' port='1", port: 5000 } }));
  expect(ini).toContain("orders = host='a'' port=''1' port=5000 ");
});

describe("the list of users", () => {
  test("holds the login of auth_query, in clear, and verifiers of others", () => {
    expect(userlistFile("secret", { howdah_monitoring: "SCRAM-SHA-256$4096:x" })).toBe(
      '"howdah_monitoring" "SCRAM-SHA-256$4096:x"\n"howdah_pooler" "secret"\n',
    );
  });

  test("doubles quotes and refuses line breaks", () => {
    expect(userlistFile('a"b')).toBe('"howdah_pooler" "a""b"\n');
    for (const between of ["\n", "\u0085"])
      expect(() => userlistFile(`a${between}"admin" "x`)).toThrow("control character");
  });

  test("is the only file with a password in it", () => {
    const files = pgbouncerFiles(input());
    expect(files.ini + files.hba).not.toContain("password=");
  });
});

test("however many clients there may be, no login can take the last of them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100_000 }), (total) => {
      const own = clientsPerLogin(total);
      expect(own).toBeGreaterThan(total / 2);
      expect(total - own).toBeGreaterThanOrEqual(total / 4);
    }),
  );
});
