import { fillSql } from "../../../../lib/sql/fill";
import { literal } from "../../../../lib/sql/quote";
import { sessionSettings } from "../../../../lib/sql/session";
import { textFile } from "../../../../lib/text/text-file";
import { jobLogins, monitoringLogin, poolerLogin } from "../matrix";

/**
 * Settings of logins whose programs cannot say by themselves what they need: Patroni, pg_rewind and pgBackRest give no settings when
 * they connect, or too few. A login's settings are stronger than those of the server and of a database. No default of theirs may
 * break a failover: a standby refuses serializable transactions, a timeout ends the start of a backup.
 */
export const loginSettings: Readonly<Record<string, string>> = {
  client_min_messages: "notice",
  default_transaction_deferrable: "off",
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  lock_timeout: "30s",
  row_security: "on",
  statement_timeout: "0",
  synchronous_commit: "on",
};

/**
 * Settings of logins that enter databases of others, and whose programs give none when they connect: PgBouncer's lookup, and the
 * provider for SQL objects. What a database's owner sets by ALTER DATABASE is weaker.
 */
export const guestSettings: Readonly<Record<string, string>> = sessionSettings;

/** What the provider for SQL objects itself sets for each login that it makes. */
export const providedSettings: readonly string[] = [
  "search_path",
  "statement_timeout",
  "idle_in_transaction_session_timeout",
  "role",
];

/** `guestSettings` of a login that the provider for SQL objects has made. */
export const madeGuestSettings: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(guestSettings).filter(([name]) => !providedSettings.includes(name)),
);

/** Settings that not every supported version has: no session can give them when it connects, as an unknown one is an error. */
export const newerSettings: Readonly<Record<string, string>> = {
  // Since PostgreSQL 17.
  transaction_timeout: "0",
};

/** An empty list goes the long way: of `= ''` ALTER ROLE makes a list of one empty name, a library that is not there. */
const assignment = (login: string, name: string, value: string): string =>
  value === ""
    ? `PERFORM pg_catalog.set_config(${literal(name)}, '', true); ALTER ROLE ${login} SET ${name} FROM CURRENT;`
    : `ALTER ROLE ${login} SET ${name} = ${literal(value)};`;

/**
 * SQL that gives settings to a login, and `newerSettings` if the server knows them; it may run again at any time.
 * @param login a name that needs no quotes
 * @param newer for a test: other ones instead of `newerSettings`
 */
export function pinSettings(login: string, settings = loginSettings, newer = newerSettings): string {
  const always = Object.entries(settings).map(([name, value]) => assignment(login, name, value));
  const known = Object.entries(newer).map(
    ([name, value]) => `IF EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = ${literal(name)}) THEN
    ${assignment(login, name, value)}
  END IF;`,
  );
  return `DO $pin$ BEGIN
  ${[...always, ...known].join("\n  ")}
END $pin$;
`;
}

/** Those of `newerSettings` that the server knows, as one text: an upgrade brings more. */
export const knownNewer = `(SELECT string_agg(name, ',' ORDER BY name) FROM pg_catalog.pg_settings
    WHERE name IN (${Object.keys(newerSettings).map(literal).join(", ")}))`;

/**
 * One SELECT of one text: the settings of logins in all databases, or in one. It differs as soon as they are altered, or the server
 * is one that knows more of `newerSettings`.
 * @param except logins whose `providedSettings` are set elsewhere
 */
export const pinnedProbe = (logins: readonly string[], except: readonly string[] = []): string =>
  fillSql(textFile(__dirname, "login-settings-probe.sql"), {
    values: { logins, except, provided: providedSettings },
    parts: { newer: knownNewer },
  });

/**
 * SQL of an administrator who is not a superuser, once `Access` has made the house's logins: his own settings, and theirs.
 * @param administrator a name that needs no quotes
 */
export function guestScript(administrator: string): { readonly apply: string; readonly probe: string } {
  const made = [monitoringLogin, poolerLogin, ...Object.values(jobLogins)];
  const pins = [
    pinSettings(administrator, guestSettings),
    ...made.map((login) => pinSettings(login, madeGuestSettings)),
  ];
  return { apply: pins.join(""), probe: pinnedProbe([administrator, ...made], made) };
}
