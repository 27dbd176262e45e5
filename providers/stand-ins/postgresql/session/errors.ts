import { DatabaseError } from "pg";

/** Codes of a server that is starting, stopping, failing over or full; another try on a new connection may pass. */
const PASSING = new Set(["57P01", "57P02", "57P03", "25006", "53300", "08000", "08001", "08003", "08004", "08006"]);
const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "EHOSTUNREACH", "EAI_AGAIN", "ENOENT"]);
/** Deadlock, serialization, a template database in use, a lock not acquired in time: another try after a moment passes. */
const CONFLICT = new Set(["40P01", "40001", "55006", "55P03"]);

// Shorter ones occur by chance, and to blot them out would show where.
const SHORTEST_SECRET = 5;

/** The server does not have what was asked for. */
export const NO_DATABASE = "3D000";

/** SQLSTATE of the server, or the system's name of a network error. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** True if the connection or the server went away, or the server takes no writes now (a failover). */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return PASSING.has(code) || NETWORK.has(code);
  return /connection terminated|timeout exceeded|connection timeout|client has encountered|ended unexpectedly/i.test(
    messageOf(error),
  );
}

/** True if the login may not connect to a database. */
export function isShutOut(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "42501" && /CONNECT/.test(error.detail ?? "");
}

/** True if another session changed the same thing at the same time. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "XX000") return /tuple concurrently (updated|deleted)/.test(messageOf(error));
  // Two temporary grants of the same role at once meet in the catalog's unique index.
  if (code === "23505") return /pg_auth_members|pg_default_acl|pg_db_role_setting/.test(messageOf(error));
  return code !== undefined && CONFLICT.has(code);
}

/**
 * An error that says what failed and what the server said about it, without any secret.
 * @param secrets texts that must not be shown
 */
export function readable(doing: string, error: unknown, secrets: Iterable<string>): Error {
  const code = codeOf(error);
  const suffix = code === undefined ? "" : ` (${error instanceof DatabaseError ? "SQLSTATE " : ""}${code})`;
  const lines = [`${doing}: ${messageOf(error)}${suffix}`];
  if (error instanceof DatabaseError) {
    if (error.detail !== undefined) lines.push(`detail: ${error.detail}`);
    if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  }
  let text = lines.join("\n");
  for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) text = text.replaceAll(secret, "[secret]");
  return new Error(text);
}
