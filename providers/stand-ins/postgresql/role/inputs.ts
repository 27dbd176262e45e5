import { z } from "zod";

const off = z.boolean().default(false);
/** Milliseconds; 0 and absent: the server's own setting. */
const milliseconds = z.int().min(0).optional();

/** Inputs of `postgresql:index/role:Role`. */
export const roleSchema = z.strictObject({
  name: z.string().min(1),
  login: off,
  /** Plain text, or a SCRAM-SHA-256 verifier. */
  password: z.string().optional(),
  encryptedPassword: z
    .literal(true, { error: "must be true: PostgreSQL stores no password in plain text" })
    .default(true),
  inherit: z.boolean().default(true),
  superuser: off,
  createDatabase: off,
  createRole: off,
  replication: off,
  bypassRowLevelSecurity: off,
  /** Concurrent connections; -1: no limit. */
  connectionLimit: z.int().min(-1).default(-1),
  /** Date and time after which the password is no longer valid. */
  validUntil: z.string().default("infinity"),
  /** Every role that this one is a member of; other memberships are removed. */
  roles: z.array(z.string()).optional(),
  searchPaths: z.array(z.string().regex(/^(?!.*, )/s, { error: 'must not hold ", "' })).optional(),
  statementTimeout: milliseconds,
  idleInTransactionSessionTimeout: milliseconds,
  /** Role that a session switches to at login. */
  assumeRole: z.string().optional(),
  /** Leave the role in place on delete. */
  skipDropRole: off,
  /** Leave what the role owns alone on delete. */
  skipReassignOwned: off,
});

export type RoleInputs = z.output<typeof roleSchema>;

/** What is recorded: the inputs, with the server's own view of each. */
export type RoleState = RoleInputs;
