import type { speedAlerts } from "../../../../components/monitoring/alerts/speed";
import { rise, value } from "../waves";
import { type Cases, node1, of } from "./case";

const node2 = { server: "node2" } as const;
const statistics = { ...node1, datid: "1", datname: "app" } as const;
const statement = { ...node1, user: "shop", datname: "app", queryid: "7" } as const;
const gigabyte = 1_073_741_824;

const hits = (quiet: number, loud: number) =>
  of(
    node1,
    rise("pg_stat_database_blks_hit", statistics, [quiet, loud]),
    rise("pg_stat_database_blks_read", statistics, [10_000 - quiet, 10_000 - loud]),
    // Nothing from memory, but few blocks.
    rise("pg_stat_database_blks_hit", { ...statistics, ...node2 }, 0),
    rise("pg_stat_database_blks_read", { ...statistics, ...node2 }, 999),
  );

const temporary = (quiet: number, loud: number) =>
  of({ ...node1, datname: "app" }, rise("pg_stat_database_temp_bytes", statistics, [quiet / 3600, loud / 3600]));

/** On two CPUs. */
const active = (quiet: number, loud: number) =>
  of(
    node1,
    value(
      "pg_stat_activity_count",
      { ...node1, state: "active", backend_type: "client backend", wait_event_type: "" },
      [quiet, loud],
    ),
    value("pg_stat_activity_count", { ...node1, state: "idle", backend_type: "client backend" }, 99),
    value("pg_stat_activity_count", { ...node1, state: "active", backend_type: "walsender" }, 99),
  );

export const speedCases: Cases<keyof typeof speedAlerts> = {
  CacheHitLow: { critical: hits(8001, 7999), warning: hits(9001, 8999) },
  TempFiles: {
    critical: temporary(4.99 * gigabyte, 5.01 * gigabyte),
    warning: temporary(0.99 * gigabyte, 1.01 * gigabyte),
  },
  CheckpointsRequested: {
    warning: of(
      node1,
      rise("howdah_checkpoints_total", { ...node1, kind: "requested" }, [0.02, 0.0202]),
      rise("howdah_checkpoints_total", { ...node1, kind: "timed" }, 0.02),
      // All of them, but only three in a quarter of an hour.
      rise("howdah_checkpoints_total", { ...node2, kind: "requested" }, 2.9 / 900),
      rise("howdah_checkpoints_total", { ...node2, kind: "timed" }, 0),
    ),
  },
  CheckpointSlow: {
    // A checkpoint in 300 s, with 270 s allowed.
    warning: of(
      node1,
      rise("howdah_checkpoint_write_seconds_total", node1, [269 / 300, 271 / 300]),
      rise("howdah_checkpoints_total", { ...node1, kind: "timed" }, 1 / 600),
      rise("howdah_checkpoints_total", { ...node1, kind: "restartpoint" }, 1 / 600),
      value("pg_settings_checkpoint_timeout_seconds", node1, 300),
      // Nothing is known of what these were.
      rise("howdah_checkpoint_write_seconds_total", { server: "node2" }, 1),
      rise("howdah_checkpoints_total", { server: "node2", kind: "timed" }, 0),
      value("pg_settings_checkpoint_timeout_seconds", { server: "node2" }, 300),
    ),
  },
  BackendFsyncs: { warning: of(node1, rise("howdah_backend_fsyncs_total", node1, [0, 1 / 300])) },
  TransactionLatency: {
    warning: of(
      { database: "app" },
      rise("pgbouncer_stats_sql_transactions_pooled_total", { database: "app" }, 10),
      rise("pgbouncer_stats_server_in_transaction_seconds_total", { database: "app" }, [0.99, 1.01]),
      // Slow, but one in a second.
      rise("pgbouncer_stats_sql_transactions_pooled_total", { database: "reports" }, 1),
      rise("pgbouncer_stats_server_in_transaction_seconds_total", { database: "reports" }, 9),
    ),
  },
  StatementRegressed: {
    info: {
      ...of(
        statement,
        rise("pg_stat_statements_calls_total", statement, 100),
        rise("pg_stat_statements_seconds_total", statement, [1, 1.6]),
        rise("pg_stat_statements_calls_total", { ...statement, queryid: "rare" }, 0.1),
        rise("pg_stat_statements_seconds_total", { ...statement, queryid: "rare" }, [0.001, 0.01]),
        rise("pg_stat_statements_calls_total", { ...statement, queryid: "as ever" }, 100),
        rise("pg_stat_statements_seconds_total", { ...statement, queryid: "as ever" }, [1, 1.4]),
      ),
      // After a week it is what it was in the last week.
      quietFor: 24 * 3600,
      loudFor: 2400,
      afterFor: 3600,
    },
  },
  StatementsEvicted: {
    warning: of(node1, rise("howdah_statement_evictions_total", node1, [19 / 172_800, 20.1 / 172_800])),
  },
  LoadHigh: { critical: active(8, 9), warning: active(4, 5) },
  IoWaitSessions: {
    warning: of(
      node1,
      value(
        "pg_stat_activity_count",
        { ...node1, state: "active", backend_type: "client backend", wait_event_type: "IO" },
        [2, 3],
      ),
      value(
        "pg_stat_activity_count",
        { ...node1, state: "active", backend_type: "client backend", wait_event_type: "Lock" },
        99,
      ),
    ),
  },
};
