import { escapeIdentifier, escapeLiteral } from "pg";

/** Any name as an SQL identifier. */
export const identifier = (name: string): string => escapeIdentifier(name);

/** Any text as an SQL string. */
export const literal = (text: string): string => escapeLiteral(text);

/** The pseudo-role that stands for everybody. */
export const PUBLIC = "public";

/** A role, or PUBLIC, where a grant names its receiver. */
export const grantee = (role: string): string => (role === PUBLIC ? "PUBLIC" : identifier(role));
