import { GB } from "../../../lib/units";
import { days, hours, metric, minutes, promql, recorded, type Selector } from "../expression";
import {
  blocks,
  cacheHits,
  pooledTransactions,
  pooledTransactionTime,
  statementMean,
  statementShare,
  statementSpread,
  statementUsual,
  temporaryBytes,
} from "../recording";
import { area } from "./alert";

/** Blocks a second below which a hit rate says nothing. */
const fewBlocks = 1000;
/** Requested checkpoints in a quarter of an hour below which their share says nothing. */
const fewCheckpoints = 3;
/** Transactions a second below which a mean says nothing. */
const fewTransactions = 1;
/** Percent of all statements' time below which a slower one is not felt. */
const littleTime = 1;
/** Standard deviations that chance explains. */
const chance = 3;

const checkpoints = (window: number, kind?: "requested"): Selector =>
  metric("howdah_checkpoints_total", kind === undefined ? {} : { kind }).over(window);

const requested = promql`sum by (server) (increase(${checkpoints(minutes(15), "requested")}))`;
/** Requested checkpoints, in percent of all. */
export const requestedShare = promql`${100} * ${requested} / sum by (server) (increase(${checkpoints(minutes(15))}))`;

const writing = promql`sum by (server) (increase(${metric("howdah_checkpoint_write_seconds_total").over(hours(1))}))`;
/** Mean time of writing in a checkpoint, in percent of checkpoint_timeout. */
export const checkpointTime = promql`${100} * ${writing} / (sum by (server) (increase(${checkpoints(hours(1))})) > ${0}) / on (server) ${metric("pg_settings_checkpoint_timeout_seconds")}`;

const clients = { backend_type: "client backend" } as const;

/** What makes the server slow. */
export const speedAlerts = area({
  CacheHitLow: {
    nature: "cause",
    summary: "{{ $labels.server }} reads much from its disk instead of its memory: queries are slower than usual.",
    panel: "overview/cache-hits",
    levels: { critical: { limit: 80, for: minutes(15) }, warning: { limit: 90, for: minutes(15) } },
    expr: (limit) => promql`${cacheHits} < ${limit} and ${blocks} > ${fewBlocks}`,
  },
  TempFiles: {
    nature: "cause",
    summary: "Queries in {{ $labels.datname }} sort and join on disk: they are slower than they need to be.",
    panel: "queries/temporary-files",
    levels: { critical: { limit: 5 * GB, for: 0 }, warning: { limit: GB, for: 0 } },
    expr: (limit) => promql`${temporaryBytes} >= ${limit}`,
  },
  CheckpointsRequested: {
    nature: "cause",
    summary: "{{ $labels.server }} has to write its cache to disk too often: writes get slower.",
    panel: "wal/checkpoints",
    levels: { warning: { limit: 50, for: minutes(15) } },
    expr: (limit) => promql`${requestedShare} > ${limit} and ${requested} > ${fewCheckpoints}`,
  },
  CheckpointSlow: {
    nature: "cause",
    summary: "The disk of {{ $labels.server }} barely keeps up with checkpoints: writes get slower.",
    panel: "wal/checkpoint-time",
    levels: { warning: { limit: 90, for: minutes(5) } },
    expr: (limit) => promql`${checkpointTime} > ${limit}`,
  },
  BackendFsyncs: {
    nature: "cause",
    summary: "Sessions on {{ $labels.server }} have to sync files themselves: their queries wait for the disk.",
    panel: "wal/backend-fsyncs",
    levels: { warning: { limit: 0, for: minutes(5) } },
    expr: (limit) => promql`rate(${metric("howdah_backend_fsyncs_total").over(minutes(5))}) > ${limit}`,
  },
  TransactionLatency: {
    nature: "symptom",
    summary: "Transactions in {{ $labels.database }} take longer than promised: applications feel slow.",
    panel: "pooler/transaction-time",
    levels: { warning: { limit: ({ latency }) => latency, for: minutes(5), keep: minutes(5) } },
    expr: (limit) => promql`${pooledTransactionTime} > ${limit} and ${pooledTransactions} > ${fewTransactions}`,
  },
  StatementRegressed: {
    nature: "cause",
    summary: "A statement in {{ $labels.datname }} has become slower than in the last week.",
    panel: "queries/regressions",
    levels: { info: { limit: 1.5, for: minutes(15) } },
    expr: (limit) => {
      const usual = promql`last_over_time(${recorded(statementUsual).over(hours(2))})`;
      const spread = promql`last_over_time(${recorded(statementSpread).over(hours(2))})`;
      const unusual = promql`${usual} + ${chance} * ${spread}`;
      const known = recorded(statementMean).ago(days(1));
      return promql`${statementMean} > ${limit} * ${usual} and ${statementMean} > ${unusual} and ${statementShare} > ${littleTime} and ${known}`;
    },
  },
  StatementsEvicted: {
    nature: "cause",
    summary: "{{ $labels.server }} sees more kinds of statements than it can count: slow ones may go unnoticed.",
    panel: "queries/evictions",
    // Each eviction is of a twentieth of all statements.
    levels: { warning: { limit: 20, for: 0 } },
    expr: (limit) => promql`increase(${metric("howdah_statement_evictions_total").over(days(2))}) >= ${limit}`,
  },
  LoadHigh: {
    nature: "cause",
    summary: "{{ $labels.server }} has more to do than its CPUs can: queries wait for each other.",
    panel: "sessions/active",
    levels: { critical: { limit: 4, for: minutes(15) }, warning: { limit: 2, for: minutes(15) } },
    expr: (limit, { cpus }) =>
      promql`sum by (server) (${metric("pg_stat_activity_count", { state: "active", ...clients })}) / ${cpus} > ${limit}`,
  },
  IoWaitSessions: {
    nature: "cause",
    summary: "Many sessions on {{ $labels.server }} wait for its disk: queries are slow.",
    panel: "sessions/waits",
    levels: { warning: { limit: 1, for: minutes(15) } },
    expr: (limit, { cpus }) =>
      promql`sum by (server) (${metric("pg_stat_activity_count", { wait_event_type: "IO", ...clients })}) / ${cpus} > ${limit}`,
  },
});
