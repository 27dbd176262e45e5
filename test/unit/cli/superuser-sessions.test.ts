import { readSources } from "../../../dev/shape/sources";

/** Ways to play another role, which whatever runs in the session can take back. */
const disguise =
  /\bSET\s+(?:LOCAL\s+|SESSION\s+)?(?:ROLE|SESSION\s+AUTHORIZATION)\b|set_config\(\s*'(?:role|session_authorization)'/i;

/**
 * Where it is no protection: the administrator, who is not a superuser, makes objects as the role that is to own them, and nothing of
 * a database's owner runs there.
 */
const allowed = ["table.ts", "table/build.sql", "table/shape.sql"].map(
  (name) => `components/pgbouncer/auth-query/${name}`,
);

const withoutComments = (text: string): string => text.replaceAll(/\/\*[^]*?\*\/|(\/\/|--).*/g, "");
const found = (text: string): boolean => disguise.test(withoutComments(text));

test("control: each way is found, and a comment is none", () => {
  for (const sql of ["SET ROLE x", "set local role x", "SET SESSION AUTHORIZATION x", "set_config('role', 'x', false)"])
    expect(found(`query("${sql}")`)).toBe(true);
  expect(found("/** After `SET ROLE`. */")).toBe(false);
});

test("no session of ours plays another role instead of logging in as that role", () => {
  const files = [...readSources(), ...readSources(".sql")].filter(([file]) => !/^(test|bench)\//.test(file));
  const offenders = files
    .filter(([, text]) => found(text))
    .map(([file]) => file)
    .filter((file) => !allowed.includes(file));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter(([file]) => file.endsWith(".sql")).length).toBeGreaterThan(20);
  expect(offenders).toEqual([]);
});
