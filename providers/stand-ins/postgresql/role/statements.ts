import { identifier, literal } from "../../../../lib/sql/quote";
import type { RoleInputs } from "./inputs";
import type { RoleFacts } from "./read";
import { passwordVerifier } from "./verifier";

const flags = {
  login: "LOGIN",
  inherit: "INHERIT",
  superuser: "SUPERUSER",
  createDatabase: "CREATEDB",
  createRole: "CREATEROLE",
  replication: "REPLICATION",
  bypassRowLevelSecurity: "BYPASSRLS",
} as const;

/** What a role that was just created without options has. */
export const freshRole = (name: string): RoleFacts => ({
  name,
  login: false,
  inherit: true,
  superuser: false,
  createDatabase: false,
  createRole: false,
  replication: false,
  bypassRowLevelSecurity: false,
  connectionLimit: -1,
  validUntil: "infinity",
  roles: [],
});

const passwordOption = (password: string | undefined): string =>
  password === undefined || password === "" || password.toUpperCase() === "NULL"
    ? "PASSWORD NULL"
    : `PASSWORD ${literal(passwordVerifier(password))}`;

/** Options of ALTER ROLE. Only those that differ: to name SUPERUSER at all takes a superuser. */
function options(has: RoleFacts, want: RoleInputs, setPassword: boolean): string[] {
  const keys = Object.keys(flags) as (keyof typeof flags)[];
  return [
    ...keys.filter((key) => has[key] !== want[key]).map((key) => (want[key] ? flags[key] : `NO${flags[key]}`)),
    ...(has.connectionLimit === want.connectionLimit ? [] : [`CONNECTION LIMIT ${want.connectionLimit}`]),
    ...(has.validUntil === want.validUntil || want.validUntil === ""
      ? []
      : [`VALID UNTIL ${literal(want.validUntil)}`]),
    ...(setPassword ? [passwordOption(want.password)] : []),
  ];
}

/** Statements that set or reset the role's session defaults. */
function settings(has: RoleFacts, want: RoleInputs): string[] {
  const list = (names: readonly string[] | undefined) => (names ?? []).map(identifier).join(", ");
  const timeout = (value: number | undefined) => (value === undefined || value === 0 ? "" : String(value));
  const role = (name: string | undefined) => (name === undefined || name === "" ? "" : identifier(name));
  const pairs: [string, string, string][] = [
    ["search_path", list(has.searchPaths), list(want.searchPaths)],
    ["statement_timeout", timeout(has.statementTimeout), timeout(want.statementTimeout)],
    [
      "idle_in_transaction_session_timeout",
      timeout(has.idleInTransactionSessionTimeout),
      timeout(want.idleInTransactionSessionTimeout),
    ],
    ["role", role(has.assumeRole), role(want.assumeRole)],
  ];
  return pairs
    .filter(([, before, after]) => before !== after)
    .map(([key, , after]) => (after === "" ? `RESET ${key}` : `SET ${key} TO ${after}`));
}

function memberships(has: RoleFacts, want: RoleInputs): string[] {
  const before = has.roles ?? [];
  const after = want.roles ?? [];
  const member = identifier(want.name);
  return [
    ...before.filter((role) => !after.includes(role)).map((role) => `REVOKE ${identifier(role)} FROM ${member}`),
    ...after.filter((role) => !before.includes(role)).map((role) => `GRANT ${identifier(role)} TO ${member}`),
  ];
}

/** Statements that turn a role as it is into the wanted one; the name is the wanted one already. */
export function alterRole(has: RoleFacts, want: RoleInputs, setPassword: boolean): string[] {
  const name = identifier(want.name);
  const changed = options(has, want, setPassword);
  return [
    ...(changed.length === 0 ? [] : [`ALTER ROLE ${name} ${changed.join(" ")}`]),
    ...memberships(has, want),
    ...settings(has, want).map((setting) => `ALTER ROLE ${name} ${setting}`),
  ];
}
