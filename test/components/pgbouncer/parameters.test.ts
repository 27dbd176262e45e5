import { allowedSettings, poolerProblems } from "../../../components/pgbouncer/parameters";

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
