import { GB, MB } from "../../../lib/units";
import { isPrimary, metric, minutes, promql } from "../expression";
import { area } from "./alert";

const lag = metric("pg_replication_lag_seconds");

/** Copies: whether they keep up, and what they make the primary keep. */
export const replicationAlerts = area({
  ReplicationLagSeconds: {
    nature: "cause",
    summary: "Replica {{ $labels.server }} is behind: applications that read from it see old rows.",
    panel: "replication/lag-seconds",
    levels: {
      // What is lost with the primary may not be older than the objective; with none lost, a minute is what readers put up with.
      critical: { limit: ({ rpo }) => (rpo === 0 ? 60 : rpo), for: minutes(5) },
      warning: { limit: 5, for: minutes(1), keep: minutes(2) },
    },
    expr: (limit) => promql`${lag} > ${limit}`,
  },
  ReplicationLagBytes: {
    nature: "cause",
    summary:
      "Replica {{ $labels.application_name }} is far behind {{ $labels.server }}: its reads are old, and it is slow to take over.",
    panel: "replication/lag-bytes",
    levels: {
      critical: { limit: GB, for: minutes(1) },
      warning: { limit: 100 * MB, for: minutes(1), keep: minutes(2) },
    },
    expr: (limit) =>
      promql`max by (server, application_name) (${metric("pg_stat_replication_pg_wal_lsn_diff")}) > ${limit}`,
  },
  LagGrowing: {
    nature: "cause",
    summary: "Replica {{ $labels.server }} falls further behind: it replays less than the primary writes.",
    panel: "replication/lag-seconds",
    levels: { warning: { limit: 10, for: minutes(15) } },
    expr: (limit) => promql`${lag} > ${limit} and deriv(${lag.over(minutes(15))}) > ${0}`,
    hiddenBy: { ReplayPaused: ["server"] },
  },
  SlotInactive: {
    nature: "cause",
    summary:
      "Nothing reads replication slot {{ $labels.slot_name }}: {{ $labels.server }} keeps WAL for it, and its disk fills.",
    panel: "replication/slot-readers",
    levels: { warning: { limit: 1, for: minutes(10) } },
    // Patroni keeps slots for other members on replicas too, which nothing reads there.
    expr: (limit) => promql`${metric("pg_replication_slots_slot_is_active")} < ${limit} and on (server) ${isPrimary}`,
    quietDuringWork: true,
  },
  SlotRetainedWal: {
    nature: "cause",
    summary:
      "Replication slot {{ $labels.slot_name }} is about to lose the WAL it needs: its reader would have to start again.",
    panel: "replication/slots",
    levels: { critical: { limit: 80, for: minutes(2) }, warning: { limit: 50, for: minutes(2) } },
    expr: (limit) =>
      promql`${100} * ${metric("pg_replication_slots_pg_wal_lsn_diff")} / on (server) group_left () (${metric("pg_settings_max_slot_wal_keep_size_bytes")} > ${0}) > ${limit}`,
    hiddenBy: { SlotLost: ["server", "slot_name"] },
  },
  SlotLost: {
    nature: "cause",
    summary: "Replication slot {{ $labels.slot_name }} has lost WAL, or is about to: its reader has to start again.",
    panel: "replication/slot-states",
    levels: { critical: { limit: 1, for: 0 }, warning: { limit: 1, for: 0 } },
    expr: (limit, _settings, severity) =>
      promql`${metric("pg_replication_slots_wal_status", { wal_status: severity === "critical" ? "lost" : "unreserved" })} >= ${limit}`,
  },
  StandbyConflicts: {
    nature: "cause",
    summary:
      "Replica {{ $labels.server }} cancels queries because they block replay: applications that read see errors.",
    panel: "replication/conflicts",
    levels: { warning: { limit: 0.1, for: minutes(10) } },
    expr: (limit) =>
      promql`sum by (server) (rate(${metric("pg_stat_database_conflicts").over(minutes(5))})) > ${limit}`,
  },
  LogicalApplyErrors: {
    nature: "cause",
    summary:
      "Subscription {{ $labels.subname }} of {{ $labels.datname }} fails to apply changes: its tables get older.",
    panel: "replication/logical-errors",
    levels: { critical: { limit: 5, for: 0, keep: minutes(15) }, warning: { limit: 1, for: 0, keep: minutes(15) } },
    expr: (limit) => {
      const applied = metric("howdah_subscription_apply_errors_total").over(minutes(15));
      const copied = metric("howdah_subscription_sync_errors_total").over(minutes(15));
      return promql`sum by (server, datname, subname) (increase(${applied}) + increase(${copied})) >= ${limit}`;
    },
  },
  LogicalLag: {
    nature: "cause",
    summary: "Subscription {{ $labels.subname }} of {{ $labels.datname }} is behind: its tables show old rows.",
    panel: "replication/logical",
    levels: { critical: { limit: 300, for: minutes(1) }, warning: { limit: 120, for: minutes(1) } },
    expr: (limit) => promql`${metric("howdah_subscription_lag_seconds")} > ${limit}`,
  },
});
