import type { Databases } from "../postgres/schema";
import { toSeconds } from "../../lib/values";

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
