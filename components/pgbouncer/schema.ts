import { z } from "zod";
import { duration } from "../values";

export const poolerSchema = z.strictObject({
  /** Client connections accepted in all. */
  maxClientConnections: z.int().min(10).max(100_000).default(1000),
  /** How long a client waits for a server connection before it gets an error. */
  poolWait: duration().default("30 seconds"),
  /** Age at which a server connection is closed. */
  serverLifetime: duration().default("3600 seconds"),
  /** Idle time after which a server connection is closed. */
  serverIdle: duration().default("600 seconds"),
  /** Pause between two attempts to log in to a server that failed; it adds to every failover. */
  serverLoginRetry: duration().default("1 second"),
  /** Overrides of settings, from the allow-list in `files.ts`. */
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});

export type PoolerSettings = z.output<typeof poolerSchema>;
