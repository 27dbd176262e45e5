import { z } from "zod";
import { absolutePath } from "./machine";

/** Inputs of the resource types of the `host` provider that work on PostgreSQL and its backups; as in `machine.ts`. */

/** A server that is reached by its Unix socket. */
const socketServer = z.strictObject({ socketDirectory: absolutePath, port: z.int() });
const member = z.strictObject({
  name: z.string(),
  host: z.string(),
  port: z.int(),
  restPort: z.int(),
  service: z.string(),
});

/** The PostgreSQL cluster that the Patroni services form. */
export const postgresClusterSchema = z.strictObject({
  /** Patroni's scope: the name of the cluster. */
  scope: z.string().min(1),
  members: z.array(member).min(1),
  /** Folder of the supervisor, for the logs of a member that does not come up. */
  supervisor: absolutePath,
  caFile: absolutePath,
  certificateFile: absolutePath,
  keyFile: absolutePath,
  /** Folder of PostgreSQL's programs, for a trial of changed parameters. */
  postgresBin: absolutePath,
  /** Patroni's dynamic configuration; what is named here is kept so in the DCS. */
  configuration: z.record(z.string(), z.unknown()),
  /** Server parameter, one of the configuration's, that differs wherever the parameters do; read over the Unix socket. */
  mark: z.strictObject({
    socketDirectory: absolutePath,
    parameter: z.string().regex(/^[a-z]+\.[a-z_]+$/),
    value: z.string().min(1),
  }),
  /** Lines that every server's pg_hba.conf has to have, and that the server has to follow; asked over the Unix socket. */
  hostRules: z.strictObject({ socketDirectory: absolutePath, lines: z.array(z.string()) }).optional(),
  /** PgBouncer's admin console, for a pause without errors during a switchover. */
  pooler: z.strictObject({ socketDirectory: absolutePath, port: z.int(), readOnlyPort: z.int().optional() }).optional(),
  /** HAProxy's runtime socket, the backend that follows the primary, and that of the replicas. */
  router: z.strictObject({ socket: absolutePath, backend: z.string(), readBackend: z.string().optional() }).optional(),
  /** Seconds until all members have to run at the first start. */
  startSeconds: z.int().min(10).default(180),
});

/** SQL that only a superuser may run, over the Unix socket of the primary. */
export const scriptSchema = z.strictObject({
  /** Servers of the cluster; the script runs on the one that is the primary. */
  servers: z.array(socketServer).min(1),
  database: z.string().min(1),
  /** SQL that may run again at any time. */
  apply: z.string().min(1),
  /** SQL that takes back what `apply` did. Default: nothing. */
  revert: z.string().default(""),
  /** One SELECT of one text that changes if what `apply` made is altered. Default: no drift is looked for. */
  probe: z.string().default(""),
});

/** Server connections of PgBouncer. */
export const pooledSessionsSchema = z.strictObject({
  pooler: socketServer,
  /** What a session of each login starts with, by database of the server, then by login. */
  settings: z.record(z.string(), z.record(z.string(), z.string())),
});

/** A pgBackRest stanza with at least one full backup. */
export const backupStanzaSchema = z.strictObject({
  stanza: z.string().min(1),
  /** pgbackrest.conf that names every server of the cluster and the repository. */
  configFile: absolutePath,
  /** Folder of the repository: another one means a new stanza. */
  repository: absolutePath,
});

/** The proof that the backups can be restored. */
export const restoreDrillSchema = z.strictObject({
  /** The `howdah` command of the stack. */
  command: z.array(z.string()).min(1),
  /** One line of JSON per drill. */
  history: absolutePath,
});

/** Databases, schemas, extensions and logins, none of which may leave the config while there is something in it. */
export const removalsSchema = z.strictObject({
  /** Servers of the cluster; the one that is the primary is asked. */
  servers: z.array(socketServer).min(1),
  /** What the config makes, by database. */
  databases: z.record(
    z.string(),
    z.strictObject({
      schemas: z.array(z.string()),
      logins: z.array(z.string()),
      extensions: z.array(z.string()).default([]),
      /** The database, its schemas and its extensions may go with what is in them. */
      removable: z.boolean(),
    }),
  ),
});

const step = z.strictObject({
  /** One statement if there are values, else any number. */
  sql: z.string().min(1),
  /** Values of $1, $2 …: secrets go here, as the server's log has statements and no parameters. */
  values: z.array(z.string()).optional(),
});

/** SQL of a server's administrator who is not a superuser. */
export const administratorScriptSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  sslmode: z.enum(["verify-full", "verify-ca"]),
  /** PEM file of the authorities that may sign the server's certificate. */
  caFile: absolutePath,
  username: z.string().min(1),
  password: z.string().min(1),
  database: z.string().min(1),
  /** SQL that may run again at any time; all of it in one transaction. */
  apply: z.array(step).min(1),
  /** One SELECT of one text that changes if what `apply` made is altered. Default: no drift is looked for. */
  probe: z.string().default(""),
  /** SQL that takes back what `apply` did. Default: nothing. */
  revert: z.string().default(""),
});
