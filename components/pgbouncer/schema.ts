import { z } from "zod";
import { duration } from "../../lib/values";

export const poolerSchema = z
  .strictObject({
    maxClientConnections: z.int().min(10).max(100_000).default(1000).describe("Maximum number of client connections."),
    poolWait: duration({ min: "1 second", max: "1 hour" })
      .default("30 seconds")
      .describe("How long a client waits for a server connection before it gets an error."),
    serverLifetime: duration({ min: "1 minute", max: "7 days" })
      .default("3600 seconds")
      .describe("Age at which a server connection is closed."),
    serverIdle: duration({ min: "1 second", max: "7 days" })
      .default("600 seconds")
      .describe("Idle time after which a server connection is closed."),
    serverLoginRetry: duration({ max: "1 minute" })
      .default("250 milliseconds")
      .describe("Delay before PgBouncer retries a failed login to a server; it is added to every failover."),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number()], { error: "a string or a number" }))
      .default({})
      .describe("Overrides of settings, from the allow-list in components/pgbouncer/allowed-settings.ts."),
  })
  .describe("PgBouncer.");

export type PoolerSettings = z.output<typeof poolerSchema>;
