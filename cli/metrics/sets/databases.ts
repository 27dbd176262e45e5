import { defineSqlSet, epoch, queriesOf } from "../sql-set";

const database = queriesOf<"database">();
const size = queriesOf<"size">();

const conflicts = ["tablespace", "lock", "snapshot", "bufferpin", "deadlock"] as const;

type Conflict = `pg_stat_database_conflicts_confl_${(typeof conflicts)[number]}`;

export const databases = defineSqlSet({
  name: "database",
  interval: 30,
  scope: "server",
  queries: () => [
    database({
      labels: { datid: "s.datid", datname: "s.datname" },
      values: {
        pg_stat_database_numbackends: "s.numbackends",
        pg_stat_database_xact_commit: "s.xact_commit",
        pg_stat_database_xact_rollback: "s.xact_rollback",
        pg_stat_database_blks_read: "s.blks_read",
        pg_stat_database_blks_hit: "s.blks_hit",
        pg_stat_database_tup_returned: "s.tup_returned",
        pg_stat_database_tup_fetched: "s.tup_fetched",
        pg_stat_database_tup_inserted: "s.tup_inserted",
        pg_stat_database_tup_updated: "s.tup_updated",
        pg_stat_database_tup_deleted: "s.tup_deleted",
        pg_stat_database_conflicts: "s.conflicts",
        pg_stat_database_temp_files: "s.temp_files",
        pg_stat_database_temp_bytes: "s.temp_bytes",
        pg_stat_database_deadlocks: "s.deadlocks",
        pg_stat_database_blk_read_time: "s.blk_read_time",
        pg_stat_database_blk_write_time: "s.blk_write_time",
        pg_stat_database_session_time: "s.session_time",
        pg_stat_database_active_time: "s.active_time",
        pg_stat_database_active_time_seconds_total: "s.active_time / 1000",
        pg_stat_database_idle_in_transaction_time: "s.idle_in_transaction_time",
        pg_stat_database_sessions: "s.sessions",
        pg_stat_database_sessions_abandoned: "s.sessions_abandoned",
        pg_stat_database_sessions_fatal: "s.sessions_fatal",
        pg_stat_database_sessions_killed: "s.sessions_killed",
        pg_stat_database_stats_reset: epoch("s.stats_reset"),
        ...(Object.fromEntries(
          conflicts.map((kind) => [`pg_stat_database_conflicts_confl_${kind}`, `c.confl_${kind}`]),
        ) as Readonly<Record<Conflict, string>>),
      },
      from: "pg_stat_database s JOIN pg_database d ON d.oid = s.datid JOIN pg_stat_database_conflicts c ON c.datid = s.datid WHERE NOT d.datistemplate",
    }),
    // Those of the template databases and of the shared catalogs, which belong to no database, too.
    database({
      labels: { datid: "s.datid", datname: "s.datname" },
      values: {
        pg_stat_database_checksum_failures: "s.checksum_failures",
        pg_stat_database_checksum_last_failure: epoch("s.checksum_last_failure"),
      },
      from: "pg_stat_database s",
    }),
    database({
      labels: { datname: "datname" },
      values: { pg_database_connection_limit: "datconnlimit" },
      from: "pg_database WHERE NOT datistemplate",
    }),
  ],
});

/** It reads the size of every file. */
export const sizes = defineSqlSet({
  name: "size",
  interval: 300,
  scope: "server",
  queries: () => [
    size({
      labels: { datname: "datname" },
      values: { pg_database_size_bytes: "pg_database_size(oid)" },
      from: "pg_database WHERE NOT datistemplate",
    }),
  ],
});
