import { readFileSync } from "node:fs";
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import { z } from "zod";
import type { Failure, Properties } from "../../../runtime/resource";
import { UNKNOWN } from "../../../runtime/resource";

/** The engine sends every configuration value that is no string as JSON in a string. */
function decode(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const decoded = <T extends z.ZodType>(type: T) => z.preprocess(decode, type);
const optional = <T extends z.ZodType>(type: T) => z.preprocess((value) => decode(value) ?? undefined, type);

const settingsSchema = z.strictObject({
  scheme: z.literal("postgres").default("postgres"),
  /** A name, an address, or the folder of a Unix socket. */
  host: z.string().default(() => process.env["PGHOST"] ?? "localhost"),
  port: optional(z.int().min(1).max(65535).default(5432)),
  /** Where roles and databases are managed from. */
  database: z.string().default("postgres"),
  username: z.string().default(() => process.env["PGUSER"] ?? "postgres"),
  /** Name of the role, where a user name map makes it differ from `username`. */
  databaseUsername: z.string().optional(),
  password: z.string().optional(),
  sslmode: z.enum(["disable", "require", "verify-ca", "verify-full"]).default("require"),
  /** PEM file of the authorities that may sign the server's certificate. */
  sslrootcert: z.string().optional(),
  /** `cert` and `key` are PEM files; with `sslinline` they are the PEM text itself. */
  clientcert: optional(
    z.strictObject({ cert: z.string(), key: z.string(), sslinline: decoded(z.boolean()).default(false) }).optional(),
  ),
  superuser: optional(z.boolean().default(true)),
  /** Seconds that a refused or lost connection is tried again; 0: forever. */
  connectTimeout: optional(z.int().min(0).default(180)),
  /** Connections per database; 0 and -1: no limit of our own. */
  maxConnections: optional(z.int().min(-1).default(20)),
  /** Accepted and not needed: only versions from 14 on are spoken to. */
  expectedVersion: z.string().optional(),
});

/** How to reach the server; the official plugin's provider arguments. */
export type Settings = z.output<typeof settingsSchema>;

/** What the engine adds of its own. */
const isEngines = (key: string) => key.startsWith("__") || key === "version" || key === "pluginDownloadURL";

function ownKeys(config: Properties): Properties {
  return Object.fromEntries(Object.entries(config).filter(([key, value]) => !isEngines(key) && value !== null));
}

/** Refuses what the configuration has too much or wrong; values not known before `up` pass. */
export function checkSettings(config: Properties): Failure[] {
  const own = ownKeys(config);
  const issues = settingsSchema.safeParse(own).error?.issues ?? [];
  return issues
    .filter((issue) => own[String(issue.path[0])] !== UNKNOWN)
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({ property: key, reason: "is not a setting of this provider" }))
        : [{ property: issue.path.join("."), reason: issue.message }],
    );
}

/** @throws with every refused setting by name */
export function readSettings(config: Properties): Settings {
  const failures = checkSettings(config);
  if (failures.length === 0) return settingsSchema.parse(ownKeys(config));
  throw new Error(`postgresql: ${failures.map(({ property, reason }) => `${property} ${reason}`).join("; ")}`);
}

/** The text of a PEM file. The error carries no system code: a missing file is no server that is away. */
function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${setting}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** TLS as libpq's sslmode defines it; `require` with a root certificate checks the chain, as libpq does. */
export function tlsOptions(settings: Settings): ConnectionOptions | false {
  const { host, sslmode, sslrootcert, clientcert } = settings;
  if (sslmode === "disable" || host.startsWith("/")) return false;
  const pem = (value: string) => (clientcert?.sslinline === true ? value : readPem("clientcert", value));
  return {
    ...(sslrootcert === undefined ? {} : { ca: readPem("sslrootcert", sslrootcert) }),
    ...(clientcert === undefined ? {} : { cert: pem(clientcert.cert), key: pem(clientcert.key) }),
    rejectUnauthorized: sslmode !== "require" || sslrootcert !== undefined,
    // Node would compare with "localhost" if the host is an address, as pg then sets no server name.
    checkServerIdentity: (_name, certificate) =>
      sslmode === "verify-full" ? checkServerIdentity(host, certificate) : undefined,
  };
}
