import { Client, type ClientConfig } from "pg";

/**
 * What every SQL session of ours says when it connects: stronger than what the server's configuration, a database or a login has.
 * With a search path of a database's owner, the operators of our SQL would be his functions, run with our rights (CVE-2018-1058);
 * a standby refuses serializable transactions; a timeout ends our statements half-way; the others change what we read or write.
 */
export const sessionSettings: Readonly<Record<string, string>> = {
  bytea_output: "hex",
  // In another one our SQL would be read as another text, and names would come back as one.
  client_encoding: "UTF8",
  client_min_messages: "notice",
  DateStyle: "ISO",
  // Of a tablespace that is not there, or not for tables, ours could not be made either.
  default_tablespace: "",
  default_transaction_deferrable: "off",
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  // On, the first error ends the session, also one that was expected.
  exit_on_error: "off",
  extra_float_digits: "1",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  IntervalStyle: "postgres",
  // With a library that is not there, no session gets into the database.
  local_preload_libraries: "",
  // Not 0: what waits for ACCESS EXCLUSIVE queues every later statement on that table behind it.
  lock_timeout: "30s",
  quote_all_identifiers: "off",
  role: "none",
  row_security: "on",
  search_path: "pg_catalog",
  standard_conforming_strings: "on",
  statement_timeout: "0",
  synchronous_commit: "on",
  temp_tablespaces: "",
  TimeZone: "UTC",
  transform_null_equals: "off",
};

/** A value in the `options` of a connection, where white space and backslashes are escaped (libpq, "options"). */
const escaped = (value: string): string => value.replace(/[\\\s]/g, "\\$&");

/**
 * `options` of a connection, or `PGOPTIONS`, with `sessionSettings`.
 * @param own settings of this session; they win
 */
export const sessionOptions = (own: Readonly<Record<string, string>> = {}): string =>
  Object.entries({ ...sessionSettings, ...own })
    .map(([name, value]) => `-c ${name}=${escaped(value)}`)
    .join(" ");

/** A client for a session of ours, not connected yet. */
export function sessionClient(config: ClientConfig): Client {
  const client = new Client({ options: sessionOptions(), application_name: "howdah", ...config });
  // A connection that ends between two statements fails the next one; without a listener it would end the process.
  client.on("error", () => undefined);
  return client;
}

/** Runs `work` in a session of its own. */
export async function inSession<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = sessionClient(config);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Key of an advisory lock: one number of 64 bits, or two of 32. */
export type LockKey = readonly [number] | readonly [number, number];

/**
 * Runs `work` while this session holds an advisory lock: until it ends, so that a dead run leaves none.
 * @param held the error if another session has it
 */
export async function withAdvisoryLock<T>(
  client: Client,
  { key, held }: { readonly key: LockKey; readonly held: () => Error },
  work: () => Promise<T>,
): Promise<T> {
  await client.query("SET idle_session_timeout = 0");
  const parameters = key.map((_, at) => `$${at + 1}`).join(", ");
  const { rows } = await client.query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${parameters}) AS got`, [...key]);
  if (rows[0]?.got !== true) throw held();
  return work();
}

/** The first server that says it is not in recovery; one that does not answer is passed over. Undefined while there is none. */
export async function firstPrimary<S>(
  servers: readonly S[],
  inRecovery: (server: S) => Promise<boolean | undefined>,
): Promise<S | undefined> {
  for (const server of servers) if ((await inRecovery(server).catch(() => undefined)) === false) return server;
  return undefined;
}
