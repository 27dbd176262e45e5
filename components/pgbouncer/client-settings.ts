import type { ClientSettings } from "../../contracts/client-settings";
import type { ApplicationSettings, Databases, DatabaseSettings, Objectives } from "../postgres/schema";
import { poolModeOf } from "../capacity/connections";
import { toSeconds } from "../../lib/values";
import type { PoolerSettings } from "./schema";

/** Inputs of the computation. */
export interface ClientContext {
  readonly database: DatabaseSettings;
  readonly pooler: PoolerSettings;
  readonly objectives: Objectives;
}

const longestRecycle = 1800;
const backoff = { firstDelay: 0.2, factor: 2, largestDelay: 5 } as const;

/** Attempts whose delays, without jitter, last as long as a failover may: one fewer would give up before writes are back. */
function attemptsFor(outage: number): number {
  let waited = 0;
  let delay: number = backoff.firstDelay;
  let attempts = 1;
  while (waited < outage) {
    waited += delay;
    delay = Math.min(delay * backoff.factor, backoff.largestDelay);
    attempts += 1;
  }
  return attempts;
}

/** Seconds after which an application closes a connection of its own accord. */
export const recycleSeconds = (pooler: Pick<PoolerSettings, "serverLifetime">): number =>
  Math.min(longestRecycle, Math.floor(toSeconds(pooler.serverLifetime) / 2));

/**
 * Recommended settings of one application.
 *
 * @param login its name, which is its `application_name` too
 */
export function clientSettings(
  login: string,
  application: ApplicationSettings,
  { database, pooler, objectives }: ClientContext,
): ClientSettings {
  const poolMode = poolModeOf(database, application);
  return {
    applicationName: login,
    poolMode,
    poolSize: application.pool,
    maxOverflow: application.overflow,
    recycle: recycleSeconds(pooler),
    prePing: true,
    connectTimeout: 10,
    poolTimeout: toSeconds(pooler.poolWait),
    statementTimeout: toSeconds(application.statementTimeout) + 5,
    preparedStatements: poolMode === "session" || Number(pooler.parameters["max_prepared_statements"] ?? "1") > 0,
    retry: { attempts: attemptsFor(toSeconds(objectives.rto)), ...backoff },
    circuitBreaker: { failures: 3, resetAfter: 120 },
  };
}

/** Time limits that PgBouncer enforces itself: a client can lift PostgreSQL's with SET, these it cannot. Seconds. */
export interface ClientLimits {
  /** `query_timeout`: for one statement. */
  readonly query: number;
  /** `idle_transaction_timeout`: between two statements of a transaction. */
  readonly idleTransaction: number;
}

/** A little above the server's limit, whose error says more. */
const margin = 5;

/** The largest limits of all applications: PgBouncer 1.18 has one figure for all. */
export function clientLimits(databases: Databases): ClientLimits {
  const applications = Object.values(databases).flatMap((database) => Object.values(database.applications));
  const largest = (seconds: number[]): number => Math.ceil(Math.max(0, ...seconds)) + margin;
  return {
    query: largest(applications.map(({ statementTimeout }) => toSeconds(statementTimeout))),
    idleTransaction: largest(applications.map(({ idleInTransactionTimeout }) => toSeconds(idleInTransactionTimeout))),
  };
}
