/**
 * Settings of logins whose programs cannot say by themselves what they need: Patroni, pg_rewind and pgBackRest give no settings when
 * they connect, or too few. A login's settings are stronger than those of the server and of a database. No default of theirs may
 * break a failover: a standby refuses serializable transactions, a time-out ends the start of a backup.
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
 * SQL that gives `loginSettings` to a login; it may run again at any time.
 * @param login a name that needs no quotes
 */
export const pinSettings = (login: string): string =>
  Object.entries(loginSettings)
    .map(([name, value]) => `ALTER ROLE ${login} SET ${name} = '${value}';\n`)
    .join("");

/**
 * One SELECT of one text: the settings of logins in all databases, or in one. It differs as soon as they are altered.
 * @param logins names that need no quotes
 */
export const pinnedProbe = (logins: readonly string[]): string => `SELECT coalesce(string_agg(
    concat_ws(' ', rolname, setdatabase, setconfig), ',' ORDER BY rolname, setdatabase), '')
  FROM pg_catalog.pg_db_role_setting JOIN pg_catalog.pg_roles ON pg_roles.oid = setrole
  WHERE rolname IN (${logins.map((login) => `'${login}'`).join(", ")})`;
