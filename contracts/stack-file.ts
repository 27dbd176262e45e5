import { z } from "zod";
import { s3Endpoint, s3Prefix } from "./s3";
import { tierNames } from "./tiers";

const path = z.string().min(1);
const seconds = z.number().nonnegative();

/** Where logical backups go. */
export const destinationSchema = z.union([
  z.strictObject({ folder: path }),
  z.strictObject({
    s3: z.strictObject({
      bucket: z.string().min(1),
      /** Ends the keys' common part; without a slash at either end. */
      prefix: s3Prefix,
      region: z.string().min(1),
      /** Another service than AWS's own, addressed by path. */
      endpoint: s3Endpoint.optional(),
      /** AWS credentials file; default: the SDK's usual chain. */
      credentialsFile: path.optional(),
    }),
  }),
]);

/** Tiers by name: when each is taken, and for how long its backups are kept. */
export const tiersSchema = z.record(
  z.enum(tierNames),
  z.strictObject({ schedule: z.string().nullable(), keptSeconds: seconds }),
);

/** Logical backups: where to, and for which key. */
export const logicalSchema = z.strictObject({
  destination: destinationSchema,
  /** age identity (private key); absent where only the recipient is on this machine. */
  identityFile: path.optional(),
  /** age recipient (public key); default: the identity's. */
  recipient: z.string().optional(),
});

/** File that holds the URL of the webhook: whoever knows it may post there. */
export const notifySchema = z.strictObject({ urlFile: path, format: z.enum(["json", "slack"]) });

/** Limits that jobs measure themselves by. */
export const objectivesSchema = z.strictObject({
  rtoSeconds: seconds,
  /** `archive_timeout`: what the loss of every server at once may cost. */
  archiveSeconds: seconds,
  /** A drill older than this is overdue. */
  drillSeconds: seconds,
  /** Any second of these can be restored. */
  pointInTimeSeconds: seconds,
});

/**
 * What a backup job has to know of its stack: written by the stack, read by the `howdah` command. It holds no secret, only the
 * paths of files that do; a scheduled job has neither the stack's state nor its passphrase.
 */
export const jobSchema = z.strictObject({
  stack: z.string().min(1),
  /** The `howdah` command, as the servers' user can run it. */
  program: z.array(path).min(1),
  /** Folder of `postgres`, `pg_dump` and the like. */
  postgresBin: path,
  /** Folder of the servers' Unix sockets. */
  socketDirectory: path,
  servers: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        port: z.int(),
        dataDirectory: path,
        /** pgbackrest.conf of this server alone. */
        backrestFile: path,
        /** patroni.yml. */
        patroniFile: path,
        /** Program of the supervisor that runs it. */
        service: z.string().min(1),
        /** Port of Patroni's REST API. */
        restPort: z.int(),
      }),
    )
    .min(1),
  /** Members of the etcd cluster. */
  etcd: z.array(z.strictObject({ name: z.string().min(1), clientPort: z.int() })),
  /** Port of PgBouncer; its Unix socket is beside the servers'. */
  poolerPort: z.int(),
  /** Programs of the supervisor, all of which have to run. */
  services: z.array(z.string().min(1)),
  /** Folder of its configuration. */
  supervisor: path,
  patronictl: path,
  /** What a restored server shows to its clients. */
  tls: z.strictObject({ ca: path, certificate: path, key: path }),
  /** Databases of the config; `postgres` is none. */
  databases: z.array(z.string()),
  repository: z.strictObject({
    /** pgbackrest.conf of all servers. */
    configFile: path,
    stanza: z.string().min(1),
    path: path,
    processes: z.int().min(1),
  }),
  tiers: tiersSchema,
  logical: logicalSchema,
  notify: notifySchema.optional(),
  objectives: objectivesSchema,
  folders: z.strictObject({
    /** Throwaway servers; emptied after every drill. */
    work: path,
    /** One line of JSON per backup and per drill. */
    history: path,
    /** Textfiles for Prometheus' node exporter. */
    metrics: path,
  }),
});

export type Job = z.output<typeof jobSchema>;
export type JobServer = Job["servers"][number];
export type Destination = z.output<typeof destinationSchema>;
