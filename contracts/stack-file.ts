import { z } from "zod";
import { probeLoginSchema, remoteMonitoringSchema, scrapingSchema } from "./collector";
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
const tiersSchema = z.record(
  z.enum(tierNames),
  z.strictObject({ schedule: z.string().nullable(), keptSeconds: seconds }),
);

/** Logical backups: where to, and for which key. */
const logicalSchema = z.strictObject({
  destination: destinationSchema,
  /** age identity (private key); absent if only the recipient is on this machine. */
  identityFile: path.optional(),
  /** age recipient (public key); default: the identity's. */
  recipient: z.string().optional(),
});

/** File that holds the URL of the webhook: knowing it is enough to post there. */
const notifySchema = z.strictObject({ urlFile: path, format: z.enum(["json", "slack"]) });

/** Limits that jobs measure themselves by. */
const objectivesSchema = z.strictObject({
  rtoSeconds: seconds,
  /** `archive_timeout`: what the loss of every server at once may cost. */
  archiveSeconds: seconds,
  /** A drill older than this is overdue. */
  drillSeconds: seconds,
  /** Any second of these can be restored. */
  pointInTimeSeconds: seconds,
});

/** What both kinds have. */
const shared = {
  tiers: tiersSchema,
  logical: logicalSchema,
  notify: notifySchema.optional(),
  objectives: objectivesSchema,
};

/** What the collector (`howdah serve-metrics`) needs; the program writes it if `monitoring` is enabled. */
const monitoringSchema = z.strictObject({
  /** Where it serves /metrics; the authority is also that of the servers, whose certificates are verified. */
  ...scrapingSchema.required({ passwordFile: true }).shape,
  /** Password of the monitoring login; 0600. */
  loginPasswordFile: path,
  /** Objective: seconds of data that may be lost if one server is lost. */
  rpoSeconds: seconds,
  /** The crontab of the backups: their tiers have been scheduled since it was written. */
  scheduleFile: path,
  /** Ports of Prometheus and Alertmanager, which take the same password. */
  prometheusPort: z.int(),
  alertmanagerPort: z.int(),
  /** Default: the pooler is not tried. */
  probe: probeLoginSchema.optional(),
});

/** Of a stack whose servers run on this machine. */
export const localStackFileSchema = z.strictObject({
  /** Not written to the file: it was never there, and a new key would change every stack. */
  kind: z.literal("local").default("local"),
  stack: z.string().min(1),
  /** The `howdah` command, as the service user can run it. */
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
  /** Port of PgBouncer; its Unix socket is next to the servers'. */
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
  ...shared,
  monitoring: monitoringSchema.optional(),
  folders: z.strictObject({
    /** Throwaway servers; emptied after every drill. */
    work: path,
    /** One line of JSON per backup and per drill. */
    history: path,
    /** Textfiles for Prometheus' node exporter. */
    metrics: path,
  }),
});

/** A token of the cloud's, made again for each connection. */
const tokenSchema = z.strictObject({ iam: z.strictObject({ region: z.string().min(1) }) });

/** How a login of a job proves who it is. */
const authSchema = z.union([tokenSchema, z.strictObject({ passwordFile: path })]);

/** A server that is reached over the network: TLS with verify-full, by a login that is not a superuser. */
const remoteServerSchema = z.strictObject({
  /** Name that its certificate bears. */
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** PEM file of the authorities that may have signed its certificate. */
  ca: path,
  user: z.string().min(1),
  auth: authSchema,
});

/** Of a stack whose servers are a cloud's: a job's pod has it. */
export const remoteStackFileSchema = z.strictObject({
  kind: z.literal("remote"),
  stack: z.string().min(1),
  /** Folder of `postgres`, `pg_dump` and the like, in the container's image. */
  postgresBin: path,
  server: remoteServerSchema,
  /** Databases of the config; `postgres` is none. */
  databases: z.array(z.string()).min(1),
  ...shared,
  /** Of the collector alone. */
  monitoring: remoteMonitoringSchema.optional(),
  folders: z.strictObject({
    /** Throwaway servers, and files that live as long as a run; has to have room for every database once. */
    work: path,
  }),
});

/** A file without a kind is a local one. */
const withKind = (found: unknown): unknown =>
  typeof found === "object" && found !== null && !("kind" in found) ? { kind: "local", ...found } : found;

/**
 * What the `howdah` command has to know of a stack: written by the stack, read by the command, which a user or a schedule starts. It
 * holds no secret, only the paths of files that do; a scheduled job has neither the stack's state nor its passphrase.
 */
export const stackFileSchema = z.preprocess(
  withKind,
  z.discriminatedUnion("kind", [localStackFileSchema, remoteStackFileSchema]),
);

export type StackFile = z.output<typeof stackFileSchema>;
export type LocalStackFile = z.output<typeof localStackFileSchema>;
/** As it is written, without its kind. */
export type LocalStackFileText = Omit<LocalStackFile, "kind">;
export type RemoteStackFile = z.output<typeof remoteStackFileSchema>;
/** The part that both kinds have. */
export type SharedStackFile = Pick<StackFile, keyof typeof shared>;
export type Monitoring = z.output<typeof monitoringSchema>;
export type StackFileServer = LocalStackFile["servers"][number];
export type RemoteLogin = RemoteStackFile["server"];
export type TokenAuth = z.output<typeof tokenSchema>;
export type Destination = z.output<typeof destinationSchema>;
