import { textFile } from "../../lib/text/text-file";
import { fillSql } from "../../lib/sql/fill";

/**
 * Rows that prove a restore: each backup and each drill writes one, and a restored server must show it unaltered.
 * A schema of its own in database `postgres`, which every platform has.
 */
export const canaryTable = "howdah.canary";

/**
 * SQL, by a superuser, that may run again at any time.
 * @param login role that writes and reads canaries
 */
export const canaryScript = (login: string): string =>
  `\n${fillSql(textFile(__dirname, "canary.sql"), { parts: { table: canaryTable, login } })}\n`;

/** Canaries older than the longest retention prove nothing any more. */
export const canaryDays = 400;
