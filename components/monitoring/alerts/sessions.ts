import { socketLogins } from "../../backup/socket-logins";
import { jobLogins } from "../../postgres/access/matrix";
import { hours, metric, minutes, promql, renamed } from "../expression";
import { connectionsUsed, deadlocks, rollbacks, rollbackShare } from "../recording";
import { area } from "./alert";

/** Logins whose transactions are long by nature: dumps, maintenance; autovacuum has none. */
export const patient = ["", socketLogins.reader, socketLogins.restore, ...Object.values(jobLogins)];

/** A second, below which a share says nothing. */
const fewRollbacks = 1;
/** In half an hour, likewise. */
const fewSessions = 30;
/** Seconds in which a login without a timeout is expected to end its transaction. */
const expectedIdle = minutes(10);

const timeout = metric("howdah_role_idle_in_transaction_timeout_seconds");
const allowedIdle = renamed(promql`(${timeout} > ${0} or ${timeout} + ${expectedIdle})`, "rolname", "usename");
/** Longest time that a login is idle in a transaction, in percent of what it may be. */
export const idleShare = promql`${100} * ${metric("howdah_idle_in_transaction_max_seconds")} / on (server, usename) group_left () max by (server, usename) (${allowedIdle})`;

/** Sessions of Patroni and of those who watch the servers are in this one, and they just leave. */
const ofApplications = { datname: { not: ["postgres"] } };
const ended = (name: "abandoned" | "killed" | "fatal") =>
  promql`increase(${metric(`pg_stat_database_sessions_${name}`, ofApplications).over(minutes(30))})`;
const sessions = promql`sum by (server) (increase(${metric("pg_stat_database_sessions", ofApplications).over(minutes(30))}))`;
/** Percent of the sessions that did not end as their clients wanted. */
export const lostSessions = promql`${100} * sum by (server) (${ended("abandoned")} + ${ended("killed")} + ${ended("fatal")}) / ${sessions}`;

const budget = promql`sum by (rolname) (${renamed(metric("howdah_pool_limit"), "user", "rolname")})`;
/** Connections of a login, in percent of those that its pools may open. */
export const budgetUsed = promql`${100} * sum by (rolname) (${metric("howdah_role_connections")}) / ${budget}`;

/** Connections and transactions that stand in the way of others. */
export const sessionAlerts = area({
  ConnectionsHigh: {
    nature: "cause",
    summary: "{{ $labels.server }} is nearly out of connections: then applications cannot connect.",
    panel: "sessions/connections-used",
    levels: { critical: { limit: 90, for: minutes(2) }, warning: { limit: 75, for: minutes(2) } },
    expr: (limit) => promql`${connectionsUsed} > ${limit}`,
  },
  RoleLimitNear: {
    nature: "cause",
    summary:
      "Login {{ $labels.rolname }} is nearly out of connections on {{ $labels.server }}: then its application cannot connect.",
    panel: "sessions/role-limits",
    levels: { warning: { limit: 90, for: minutes(2) } },
    expr: (limit) =>
      promql`${100} * ${metric("howdah_role_connections")} / (${metric("pg_roles_connection_limit")} > ${0}) >= ${limit}`,
  },
  BudgetExceeded: {
    nature: "cause",
    summary:
      "Login {{ $labels.rolname }} has more connections than its pools: it bypasses the pooler and takes what is for others.",
    panel: "sessions/budget",
    levels: { warning: { limit: 100, for: minutes(5) } },
    expr: (limit) => promql`${budgetUsed} > ${limit}`,
  },
  LongTransaction: {
    nature: "cause",
    summary:
      "A transaction of {{ $labels.usename }} in {{ $labels.datname }} has been open for too long: tables grow, and others may wait for it.",
    panel: "sessions/oldest-transaction",
    levels: { critical: { limit: hours(1), for: 0 }, warning: { limit: minutes(15), for: 0 } },
    expr: (limit) => promql`${metric("howdah_transaction_max_seconds", { usename: { not: patient } })} > ${limit}`,
  },
  LongQuery: {
    nature: "cause",
    summary:
      "A statement of {{ $labels.usename }} in {{ $labels.datname }} has been running for too long: its user still waits.",
    panel: "sessions/longest-query",
    levels: { critical: { limit: minutes(30), for: 0 }, warning: { limit: minutes(5), for: 0 } },
    expr: (limit) => promql`${metric("howdah_query_max_seconds", { usename: { not: patient } })} > ${limit}`,
  },
  IdleInTransaction: {
    nature: "cause",
    summary:
      "{{ $labels.usename }} in {{ $labels.datname }} keeps a transaction open and does nothing: its locks block others.",
    panel: "sessions/idle-in-transaction",
    levels: { critical: { limit: 100, for: minutes(1) }, warning: { limit: 50, for: 0, keep: minutes(5) } },
    expr: (limit) => promql`${idleShare} > ${limit}`,
  },
  LockWait: {
    nature: "symptom",
    summary: "A session in {{ $labels.datname }} has been waiting for a lock: its user waits too.",
    panel: "locks/longest-wait",
    levels: { critical: { limit: minutes(5), for: 0 }, warning: { limit: minutes(1), for: 0 } },
    expr: (limit) => promql`${metric("howdah_lock_wait_max_seconds")} > ${limit}`,
  },
  BlockedSessions: {
    nature: "symptom",
    summary: "Many sessions on {{ $labels.server }} wait for locks: applications hang.",
    panel: "locks/blocked",
    levels: { critical: { limit: 20, for: minutes(1) }, warning: { limit: 5, for: minutes(1) } },
    expr: (limit) => promql`sum by (server) (${metric("howdah_blocked_sessions")}) > ${limit}`,
  },
  Deadlocks: {
    nature: "cause",
    summary: "Transactions in {{ $labels.datname }} block each other and are aborted: applications see errors.",
    panel: "locks/deadlocks",
    levels: { critical: { limit: 10, for: 0, keep: minutes(5) }, warning: { limit: 0, for: 0, keep: minutes(5) } },
    expr: (limit) => promql`${deadlocks} > ${limit}`,
  },
  PreparedTransactionOld: {
    nature: "cause",
    summary:
      "A prepared transaction in {{ $labels.datname }} has neither been committed nor rolled back: it keeps its locks and lets tables grow.",
    panel: "locks/prepared",
    levels: { critical: { limit: hours(1), for: 0 }, warning: { limit: minutes(5), for: 0 } },
    expr: (limit) => promql`${metric("howdah_prepared_transaction_max_seconds")} > ${limit}`,
  },
  StatementTimeouts: {
    nature: "symptom",
    summary: "Many statements run into their time limit: applications see errors.",
    panel: "sessions/timeouts",
    levels: { critical: { limit: 3, for: minutes(1) } },
    expr: (limit) =>
      promql`sum(rate(${metric("howdah_log_events_total", { event: "statement timeout" }).over(minutes(5))})) > ${limit}`,
  },
  RollbackRatio: {
    nature: "symptom",
    summary: "Many transactions in {{ $labels.datname }} are rolled back: an application runs into errors.",
    panel: "sessions/rollbacks",
    levels: { warning: { limit: 10, for: minutes(10) } },
    expr: (limit) => promql`${rollbackShare} > ${limit} and ${rollbacks} > ${fewRollbacks}`,
  },
  SessionsKilledOrAbandoned: {
    nature: "symptom",
    summary: "Many sessions on {{ $labels.server }} end before their time: applications lose their connections.",
    panel: "sessions/ended",
    levels: { critical: { limit: 5, for: minutes(10) }, warning: { limit: 1, for: minutes(10) } },
    expr: (limit) => promql`${lostSessions} > ${limit} and ${sessions} > ${fewSessions}`,
    quietDuringWork: true,
  },
  XminHorizonHeld: {
    nature: "cause",
    summary:
      "On {{ $labels.server }}, an old snapshot ({{ $labels.holder }}) keeps dead rows from being removed: tables grow, queries slow down.",
    panel: "vacuum/xmin-horizon",
    levels: { critical: { limit: 80, for: minutes(5) }, warning: { limit: 50, for: minutes(5) } },
    expr: (limit) =>
      promql`${100} * ${metric("howdah_xmin_horizon_age")} / on (server) group_left () ${metric("pg_settings_autovacuum_freeze_max_age")} > ${limit}`,
  },
  LockTableFull: {
    nature: "cause",
    summary: "{{ $labels.server }} is running out of room for locks: then statements fail.",
    panel: "locks/lock-table",
    levels: { critical: { limit: 50, for: minutes(2) }, warning: { limit: 20, for: minutes(2) } },
    expr: (limit) =>
      promql`${100} * ${metric("howdah_lock_table_used")} / ${metric("howdah_lock_table_capacity")} > ${limit}`,
  },
});
