/**
 * What PgBouncer's log says of its files (its sources: `load_config`, `hba.c`, `load_auth_file`). It skips a line that it cannot
 * read, or keeps what it had, and goes on. Lines about a client or server begin with its name, and are no matter here.
 */
export const poolerReader = {
  begins: "LOG (got SIGHUP, re-reading config|RELOAD command issued|process up: )",
  refuses: "(WARNING|ERROR) (?![CS]-0x).*(hba|auth file|auth_file|config|parameter|does not match mask|user list)",
} as const;
