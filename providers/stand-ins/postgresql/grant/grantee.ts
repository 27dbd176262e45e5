import { identifier } from "../../../../lib/sql/quote";

/** The pseudo-role for all roles. */
export const PUBLIC = "public";

/** A role, or PUBLIC, if a grant names its receiver. */
export const grantee = (role: string): string => (role === PUBLIC ? "PUBLIC" : identifier(role));
