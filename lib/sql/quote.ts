import { escapeIdentifier, escapeLiteral } from "pg";

/** Any name as an SQL identifier, always in quotes; PgBouncer's console reads it so, too. */
export const identifier = (name: string): string => escapeIdentifier(name);

/** Any text as an SQL string. */
export const literal = (text: string): string => escapeLiteral(text);
