import { clamp, kB } from "../../lib/units";

/**
 * Memory of one prepared statement in a backend: 60 kB, measured with PostgreSQL 15 (`pg_backend_memory_contexts`) for a join of
 * three tables after its seventh execution, when it has a generic plan.
 */
export const statementBytes = 64 * kB;

/** Share of the server's memory that prepared statements may take. */
const share = 1 / 32;

/** PgBouncer's own default. */
const most = 200;

/** With fewer, a program with a few statements would have them prepared again and again. */
const fewest = 10;

/**
 * `max_prepared_statements` of PgBouncer: how many statements it keeps prepared in one server connection. The least recently used
 * one goes first, and is prepared again when a client needs it.
 * @param memoryBytes of the server
 * @param pooledConnections that PgBouncer may hold on it
 */
export const preparedStatements = (memoryBytes: number, pooledConnections: number): number =>
  clamp(Math.floor((memoryBytes * share) / Math.max(1, pooledConnections) / statementBytes), {
    min: fewest,
    max: most,
  });
