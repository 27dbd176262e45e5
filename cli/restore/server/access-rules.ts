import { Failure } from "../../../lib/errors";
import { hasControl, oneLine } from "../../../lib/text/printable";
import { inQuotes } from "../../../lib/sql/quote";
import { isPowerful } from "../../session/powerful";
import { query, type SocketServer } from "../../session/sql";

// None of PostgreSQL's own roles can log in.
const powerful = `SELECT rolname AS role FROM pg_roles r WHERE rolname !~ '^pg_' AND ${isPowerful("r")} ORDER BY 1`;

/**
 * True for a name that pg_hba.conf cannot hold: a newline ends the rule, even in quotes; from PostgreSQL 16 on a slash begins a
 * pattern, even in quotes; and bytes that are no text would be written as others.
 */
const isUnspeakable = (name: string): boolean => hasControl(name) || name.startsWith("/") || name.includes("\ufffd");

/** A name in pg_hba.conf that means that role and no keyword. */
const hbaName = (name: string): string => inQuotes('"', name);

/**
 * Roles of a restored cluster that may not log in from elsewhere.
 * @throws Failure if pg_hba.conf cannot hold the name of one
 */
export async function powerfulRoles(restored: SocketServer): Promise<string[]> {
  const names = (await query<{ role: string }>(restored, powerful)).map(({ role }) => role);
  const unspeakable = names.filter(isUnspeakable);
  if (unspeakable.length === 0) return names;
  throw new Failure(
    `the restored cluster has roles with privileges beyond a database whose names cannot be written to pg_hba.conf, so they could not be kept out: ${unspeakable.map((name) => `"${oneLine(name)}"`).join(", ")}. Restore to a time before they were created`,
  );
}

/** Who may log in: the superuser over the socket, the applications by password and TLS. Powerful roles cannot come from elsewhere. */
export const accessRules = (powerfulNames: readonly string[]): string =>
  [
    "local all postgres peer map=howdah",
    `host all ${powerfulNames.map(hbaName).join(",")} all reject`,
    "hostssl all all 127.0.0.1/32 scram-sha-256",
    "",
  ].join("\n");
