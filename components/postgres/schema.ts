import { z } from "zod";
import { duration, size } from "../values";

/** A PostgreSQL identifier that never needs quotes: what databases, schemas and logins are named. */
export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,47}$/, {
    error: "a lower-case identifier: a letter, then letters, digits or _, 48 at most",
  });

/** What the service promises; timers, synchronous mode and the archive timeout derive from it. */
export const objectivesSchema = z.strictObject({
  /** Recovery time objective: the longest time without writes after the loss of the primary. */
  rto: duration().default("30 seconds"),
  /** Recovery point objective: how much acknowledged work may be lost. `"0 seconds"` means synchronous commit. */
  rpo: duration().default("0 seconds"),
});

export const applicationSchema = z.strictObject({
  /** Group that the login is a member of. `owner` is for migrations. */
  access: z.enum(["readwrite", "readonly", "owner"]).default("readwrite"),
  /** Server connections held for this login in transaction mode. */
  pool: z.int().min(1).max(1000).default(10),
  /** Further server connections under load. */
  overflow: z.int().min(0).max(1000).default(5),
  /** `statement_timeout` of the login. */
  statementTimeout: duration().default("300 seconds"),
  /** `idle_in_transaction_session_timeout` of the login. */
  idleInTransactionTimeout: duration().default("60 seconds"),
});

export const databaseSchema = z.strictObject({
  /** Schemas owned by the database's owner group; the first is where unqualified names resolve. */
  schemas: z.array(identifier).min(1).default(["app"]),
  /** How PgBouncer shares server connections of this database. */
  poolMode: z.enum(["transaction", "session"]).default("transaction"),
  /** Logins, by name. */
  applications: z.record(identifier, applicationSchema).default({}),
});

export const databasesSchema = z.record(identifier, databaseSchema);

export const postgresSchema = z.strictObject({
  /** Major version of PostgreSQL. */
  version: z.int().min(14).max(18).default(15),
  /** Streaming replicas beside the primary. */
  replicas: z.int().min(0).max(8).default(2),
  /** What the parameters are tuned for. */
  workload: z.enum(["web", "oltp", "analytics"]).default("oltp"),
  /** Memory that one server may use. */
  memory: size().default("1 GB"),
  /** CPU cores that one server may use. */
  cpus: z.int().min(1).max(192).default(2),
  /** Kind of the data disk. */
  storage: z.enum(["ssd", "hdd"]).default("ssd"),
  /** Overrides of computed parameters, from the allow-list in `parameters.ts`. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

export type Objectives = z.output<typeof objectivesSchema>;
export type ApplicationSettings = z.output<typeof applicationSchema>;
export type DatabaseSettings = z.output<typeof databaseSchema>;
export type Databases = z.output<typeof databasesSchema>;
export type PostgresSettings = z.output<typeof postgresSchema>;
