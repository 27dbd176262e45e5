import { allowedSettings, ownedSettings, poolerProblems } from "../../../../components/pgbouncer/allowed-settings";

const problemsOf = (parameters: Record<string, string | number>) =>
  poolerProblems({ parameters }).map(({ message }) => message);

test("an allowed setting with a sensible value is no problem", () => {
  expect(problemsOf({ server_check_delay: "0.5", tcp_keepidle: 30, ignore_startup_parameters: "options,jit" })).toEqual(
    [],
  );
});

test("a misspelt setting gets a suggestion, at its path", () => {
  expect(poolerProblems({ parameters: { sever_check_delay: 5 } })).toEqual([
    {
      path: ["pooler", "parameters", "sever_check_delay"],
      message: "this setting cannot be overridden; did you mean server_check_delay?",
    },
  ]);
});

test.each(["auth_type", "client_tls_sslmode", "listen_addr", "max_db_connections", "toString", "unix_socket_dir"])(
  "%s cannot be overridden",
  (name) => {
    expect(problemsOf({ [name]: "1" })[0]).toContain("cannot be overridden");
  },
);

test.each(Object.keys(allowedSettings))("%s takes no line break and no second setting", (name) => {
  expect(problemsOf({ [name]: "1\nauth_type = any" })[0]).toContain("is not allowed");
});

test("all problems are reported together", () => {
  expect(problemsOf({ verbose: "loud", auth_file: "x", log_stats: 2 })).toHaveLength(3);
});

test.each([
  ["query_timeout", /statementTimeout/],
  ["idle_transaction_timeout", /idleInTransactionTimeout/],
  ["query_wait_timeout", /pooler\.poolWait/],
  ["pkt_buf", /at startup/],
  ["listen_backlog", /at startup/],
])("an override of %s, which would have no effect, is refused with the reason", (name, reason) => {
  expect(problemsOf({ [name]: 5 })).toEqual([expect.stringMatching(reason)]);
});

test("no setting is both allowed and owned by the program", () => {
  expect(Object.keys(allowedSettings).filter((name) => name in ownedSettings)).toEqual([]);
});

test.each(["client_tls_ciphers", "server_tls_ciphers"])("%s takes suites of the same strength by name", (name) => {
  expect(problemsOf({ [name]: "ECDHE+CHACHA20" })).toEqual([]);
  expect(problemsOf({ [name]: "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305" })).toEqual([]);
});

const weak = [
  ...["NULL", "eNULL", "aNULL", "ALL", "DEFAULT", "COMPLEMENTOFALL", "COMPLEMENTOFDEFAULT", "HIGH", "LOW", "ADH"],
  ...["AES128-SHA", "DES-CBC3-SHA", "RC4-MD5", "ECDHE+AESGCM:NULL", "ECDHE+AESGCM:@SECLEVEL=0", "ECDHE+AESGCM:", ""],
  ...["!NULL", "ECDHE+AESGCM:+NULL", "ECDHE-RSA-NULL-SHA", "AECDH-NULL-SHA", "ECDHExAESGCM"],
];

test.each(["client_tls_ciphers", "server_tls_ciphers"])("%s takes no other suite and no word of OpenSSL's", (name) => {
  expect(weak.filter((ciphers) => problemsOf({ [name]: ciphers }).length === 0)).toEqual([]);
});

test.each([
  ["tcp_keepcnt", 128],
  ["tcp_keepidle", 0],
  ["stats_period", 0],
  ["client_login_timeout", 0],
  ["server_connect_timeout", 0],
  ["min_pool_size", 1.5],
  ["tcp_user_timeout", "99999999999999999999"],
  ["verbose", -1],
])("%s does not take %p: PgBouncer or the kernel would refuse it, or a protection would be gone", (name, value) => {
  expect(problemsOf({ [name]: value })[0]).toMatch(/is not allowed: .* from \S+ to \S+$/);
});
