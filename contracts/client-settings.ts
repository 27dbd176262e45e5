import { z } from "zod";

/** Settings that an application should give its own pool and driver, as the stack exports them; durations in seconds. */
export const clientSettingsSchema = z.object({
  applicationName: z.string(),
  /** In mode `transaction`, what a session sets or holds does not survive its transaction. */
  poolMode: z.enum(["transaction", "session"]),
  /** Connections that the application's pool, over all its processes, keeps open. */
  poolSize: z.number(),
  /** Further ones under load. More than both only queue in PgBouncer. */
  maxOverflow: z.number(),
  /** Age at which the application closes a connection: half of PgBouncer's, so that it never meets a closed one. */
  recycle: z.number(),
  /** Test a connection before use: after a failover the first query then meets a live one. */
  prePing: z.boolean(),
  /** TCP, TLS and login. */
  connectTimeout: z.number(),
  /** Wait for a connection of the application's own pool; PgBouncer's wait comes on top. */
  poolTimeout: z.number(),
  /** Client-side limit of one statement: a little above the server's, whose error says more. */
  statementTimeout: z.number(),
  /** True if the driver may prepare statements and use them again: PgBouncer keeps them, or each session has its own server connection. */
  preparedStatements: z.boolean(),
  /** Repeat of what failed on connect, or of a transaction that is safe to repeat; full jitter. */
  retry: z.object({
    attempts: z.number(),
    firstDelay: z.number(),
    factor: z.number(),
    largestDelay: z.number(),
  }),
  /** Failures in a row that stop further attempts, and for how long. */
  circuitBreaker: z.object({ failures: z.number(), resetAfter: z.number() }),
});

export type ClientSettings = Readonly<z.output<typeof clientSettingsSchema>>;
