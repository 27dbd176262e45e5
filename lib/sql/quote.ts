import { escapeIdentifier, escapeLiteral } from "pg";

/** Any name as an SQL identifier, always in quotes; PgBouncer's console reads it so, too. */
export const identifier = (name: string): string => escapeIdentifier(name);

/** The name of an identifier that PostgreSQL has written: in quotes where it needs them. */
export const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;

/** The pseudo-role that stands for everybody. */
export const PUBLIC = "public";

/** A role, or PUBLIC, if a grant names its receiver. */
export const receiver = (role: string): string => (role === PUBLIC ? "PUBLIC" : identifier(role));

/** Any text as an SQL string. */
export const literal = (text: string): string => escapeLiteral(text);

/**
 * A text in quotes, of which each inside is written twice: for the files of PostgreSQL and PgBouncer. An SQL string is `literal`'s to
 * make: in some, a backslash escapes.
 */
export const inQuotes = (mark: "'" | '"', text: string): string =>
  `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;
