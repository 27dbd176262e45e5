import { z } from "zod";
import { duration, size, type Size } from "../../lib/values";
import { postgresVersions } from "../../contracts/postgres-versions";

/** A PostgreSQL identifier that never needs quotes: what databases, schemas and logins are named. */
export const identifier = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/, {
  error: "a lower-case identifier: a letter, then letters, digits or _, at most 48 characters",
});

/** What the service guarantees; timers, synchronous mode and the archive timeout are derived from it. */
export const objectivesSchema = z
  .strictObject({
    rto: duration({ max: "1 day" })
      .default("30 seconds")
      .describe("Recovery time objective: the longest time without writes after the loss of the primary."),
    rpo: duration({ max: "1 day" })
      .default("0 seconds")
      .describe(
        'Recovery point objective: how much acknowledged work may be lost. "0 seconds" means synchronous commit.',
      ),
  })
  .describe("What the service guarantees; timers, synchronous mode and the archive timeout are derived from it.");

const poolMode = () => z.enum(["transaction", "session"]);

/** PostgreSQL counts these in 32-bit milliseconds, and 0 would switch the limit off. */
const roleTimeout = () => duration({ min: "1 second", max: "24 days" });

export const applicationSchema = z.strictObject({
  access: z
    .enum(["readwrite", "readonly", "owner"])
    .default("readwrite")
    .describe("Group of the login. `owner` is for migrations."),
  pool: z.int().min(1).max(1000).default(10).describe("Size of this login's server connection pool."),
  overflow: z.int().min(0).max(1000).default(5).describe("Further server connections under load."),
  poolMode: poolMode()
    .optional()
    .describe(
      "PgBouncer's pool mode for this login, for example `session` for LISTEN. Default: the database's `poolMode`. " +
        "A client in session mode holds a server connection of `pool` and `overflow` as long as it is connected.",
    ),
  statementTimeout: roleTimeout().default("300 seconds").describe("`statement_timeout` of the login."),
  idleInTransactionTimeout: roleTimeout()
    .default("60 seconds")
    .describe("`idle_in_transaction_session_timeout` of the login."),
  transactionTimeout: roleTimeout()
    .optional()
    .describe("`transaction_timeout` of the login, from PostgreSQL 17 on. Default: none."),
  rotations: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe(
      "Number of password rotations: raise it by one to switch to a second login; the previous one stays valid until the next rotation.",
    ),
});

/** An extension by its name, or with its schema. Which names and schemas are allowed, `extensions/rules.ts` says. */
const extensionSchema = z
  .union(
    [
      z.string().min(1).max(63),
      z.strictObject({
        name: z.string().min(1).max(63).describe("Name of the extension."),
        schema: z
          .string()
          .optional()
          .describe(
            "Schema of its objects: one of the database's, or `extensions` (default), which howdah makes and adds to the logins' search path.",
          ),
      }),
    ],
    { error: 'a name such as "pgcrypto", or a mapping with name and schema' },
  )
  .transform((chosen) => (typeof chosen === "string" ? { name: chosen } : chosen) as ChosenExtension);

/** An extension that a config asks for. */
interface ChosenExtension {
  readonly name: string;
  readonly schema?: string | undefined;
}

export const databaseSchema = z.strictObject({
  schemas: z
    .array(identifier)
    .min(1)
    .default(["app"])
    .describe("Schemas, owned by the database's owner group; unqualified names resolve to the first."),
  extensions: z
    .array(extensionSchema)
    .default([])
    .describe(
      'Extensions, such as "pgcrypto" or `{name: vector, schema: app}`; components/postgres/extensions/catalogue.ts lists them. ' +
        "Every database has pg_stat_statements. If you remove one, `up` drops it only if nothing uses it, or after `removable: true`.",
    ),
  poolMode: poolMode()
    .default("transaction")
    .describe("PgBouncer's pool mode for this database, unless an application has its own."),
  removable: z
    .boolean()
    .default(false)
    .describe(
      "Whether `up` drops the database, or one of its schemas or extensions, with all content, if you remove it from the config. " +
        "Set it in one `up`, remove the database, schema or extension in the next. On AWS it also lifts Pulumi's protection of the database.",
    ),
  applications: z.record(identifier, applicationSchema).default({}).describe("Logins, by name."),
});

export const databasesSchema = z.record(identifier, databaseSchema).describe("Databases, by name.");

/** A major version of PostgreSQL that the program supports. */
export const majorVersion = () =>
  z.int().min(postgresVersions.oldest).max(postgresVersions.newest).default(postgresVersions.usual);

export const postgresSchema = z
  .strictObject({
    version: majorVersion().describe(
      "Major version of PostgreSQL. A stack on this machine without it gets the one that the distribution has (Debian 12: 15, Debian 13: 17), and keeps it.",
    ),
    replicas: z.int().min(0).max(8).default(2).describe("Streaming replicas in addition to the primary."),
    workload: z.enum(["web", "oltp", "analytics"]).default("oltp").describe("What the parameters are tuned for."),
    memory: size({ min: "128 MB", max: "16 TB" })
      .optional()
      .describe("Memory that one server may use. Default: 1 GB on this machine; on AWS the instance class decides."),
    cpus: z
      .int()
      .min(1)
      .max(192)
      .optional()
      .describe("CPU cores that one server may use. Default: 2 on this machine; on AWS the instance class decides."),
    storage: z.enum(["ssd", "hdd"]).default("ssd").describe("Kind of the data disk."),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()], { error: "a string, a number or a boolean" }))
      .default({})
      .describe(
        "Overrides of computed parameters, from the allow-list in components/postgres/parameters/allowed.ts. " +
          "`pgaudit.log` is one of them if the servers load pgaudit.",
      ),
  })
  .describe("The PostgreSQL servers: version, topology, size.");

export type Objectives = z.output<typeof objectivesSchema>;
export type ApplicationSettings = z.output<typeof applicationSchema>;
export type DatabaseSettings = z.output<typeof databaseSchema>;
export type Databases = z.output<typeof databasesSchema>;
export type PostgresSection = z.output<typeof postgresSchema>;

/** What one server has. */
export interface ServerSize {
  readonly memory: Size;
  readonly cpus: number;
}

/** The section with the size of the servers. */
export type PostgresSettings = PostgresSection & ServerSize;
