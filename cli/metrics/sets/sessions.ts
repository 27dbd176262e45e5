import { defineSqlSet, epoch, flag, isServices, queriesOf } from "../sql-set";

const query = queriesOf<"sessions">();

/** Names that clients give themselves. */
const applicationNames = 20;

/** What PgBouncer adds is another port with every connection: each would begin new series. */
const clientName = String.raw`regexp_replace(application_name, ' - (\S+:\d+|unix.*)$', '')`;

const age = (since: string, condition: string): string =>
  `coalesce(max(${epoch(`(clock_timestamp() - ${since})`)}) FILTER (WHERE ${condition}), 0)`;

export const sessions = defineSqlSet({
  name: "sessions",
  interval: 15,
  scope: "server",
  queries: () => [
    query({
      labels: {
        datname: "datname",
        state: "state",
        usename: "usename",
        application_name: clientName,
        backend_type: "backend_type",
        wait_event_type: "wait_event_type",
        wait_event: "wait_event",
      },
      values: {
        pg_stat_activity_count: "count(*)",
        pg_stat_activity_max_tx_duration: `coalesce(max(${epoch("(clock_timestamp() - xact_start)")}), 0)`,
      },
      from: "pg_stat_activity WHERE pid <> pg_backend_pid() AND state IS NOT NULL AND datname IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7",
      limited: { label: "application_name", limit: applicationNames },
    }),
    query({
      labels: {},
      values: {
        pg_long_running_transactions: "count(*) FILTER (WHERE clock_timestamp() - a.xact_start > '60 s')",
        pg_long_running_transactions_oldest_timestamp_seconds: age("a.xact_start", "true"),
        howdah_connections: "count(*) FILTER (WHERE a.backend_type = 'client backend')",
        howdah_autovacuum_workers: "count(*) FILTER (WHERE a.backend_type = 'autovacuum worker')",
        howdah_plain_sessions:
          "count(*) FILTER (WHERE a.client_addr IS NOT NULL AND NOT coalesce(s.ssl, false) AND a.backend_type IN ('client backend', 'walsender') AND NOT o.services)",
        howdah_superuser_tcp_sessions:
          "count(*) FILTER (WHERE a.client_addr IS NOT NULL AND r.rolsuper AND a.backend_type = 'client backend' AND NOT o.services)",
      },
      from: `pg_stat_activity a LEFT JOIN pg_stat_ssl s ON s.pid = a.pid LEFT JOIN pg_roles r ON r.oid = a.usesysid, LATERAL (SELECT coalesce(${isServices("r.rolname")}, false) AS services) o WHERE a.pid <> pg_backend_pid()`,
    }),
    query({
      labels: { datname: "datname", usename: "usename" },
      values: {
        howdah_transaction_max_seconds: age("xact_start", "true"),
        howdah_query_max_seconds: age("query_start", "state = 'active'"),
        howdah_idle_in_transaction_max_seconds: age("state_change", "state ~ '^idle in transaction'"),
        howdah_session_max_seconds: age("backend_start", "true"),
      },
      from: "pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL AND usename IS NOT NULL AND backend_type = 'client backend' GROUP BY datname, usename",
    }),
  ],
});

const lock = queriesOf<"locks">();

const modes = [
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
  "SIReadLock",
];

/** Sessions that wait for a lock, with those that block them; `pg_blocking_pids` is asked for these only, as it stops all locking for a moment. */
const blocked = `waiting AS MATERIALIZED (SELECT pid, pg_blocking_pids(pid) AS blockers FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 500),
roots AS (SELECT DISTINCT b.pid FROM waiting, unnest(blockers) AS b (pid) WHERE NOT EXISTS (SELECT FROM waiting w WHERE w.pid = b.pid))`;

export const locks = defineSqlSet({
  name: "locks",
  interval: 15,
  scope: "server",
  queries: () => [
    lock({
      labels: { datname: "d.datname", mode: "lower(m.mode)" },
      values: { pg_locks_count: "coalesce(l.count, 0)" },
      from: `unnest('{${modes.join()}}'::text[]) AS m (mode) CROSS JOIN pg_database d LEFT JOIN (SELECT database, mode, count(*) FROM pg_locks WHERE database IS NOT NULL AND pid <> pg_backend_pid() GROUP BY database, mode) l ON l.mode = m.mode AND l.database = d.oid WHERE NOT d.datistemplate`,
    }),
    lock({
      labels: {},
      values: {
        howdah_lock_table_capacity:
          "current_setting('max_locks_per_transaction')::bigint * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)",
        // Predicate locks have a table of their own.
        howdah_lock_table_used:
          "(SELECT count(*) FROM pg_locks WHERE NOT fastpath AND locktype <> 'virtualxid' AND mode <> 'SIReadLock')",
      },
      from: "(SELECT) AS one",
    }),
    lock({
      labels: { datname: "d.datname" },
      values: {
        howdah_blocked_sessions: "count(l.pid)",
        howdah_lock_wait_max_seconds: `coalesce(max(${epoch("(clock_timestamp() - l.waitstart)")}), 0)`,
        howdah_prepared_transactions: "(SELECT count(*) FROM pg_prepared_xacts p WHERE p.database = d.datname)",
        howdah_prepared_transaction_max_seconds: `(SELECT coalesce(max(${epoch("(clock_timestamp() - p.prepared)")}), 0) FROM pg_prepared_xacts p WHERE p.database = d.datname)`,
      },
      from: "pg_database d LEFT JOIN pg_stat_activity a ON a.datid = d.oid AND a.wait_event_type = 'Lock' LEFT JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted WHERE NOT d.datistemplate GROUP BY d.datname",
    }),
    lock({
      with: blocked,
      labels: { datname: "a.datname", usename: "a.usename", state: "a.state" },
      values: {
        howdah_blocking_sessions: "count(*)",
        howdah_blocking_sessions_max_seconds: `coalesce(max(${epoch("(clock_timestamp() - a.xact_start)")}), 0)`,
      },
      from: "roots JOIN pg_stat_activity a ON a.pid = roots.pid GROUP BY a.datname, a.usename, a.state",
    }),
  ],
});

const progressOf = queriesOf<"progress">();

const phases = [
  "initializing",
  "scanning heap",
  "vacuuming indexes",
  "vacuuming heap",
  "cleaning up indexes",
  "truncating heap",
  "performing final cleanup",
];

/** In the database that the session is in, a name; elsewhere the number. */
const relation =
  "CASE WHEN p.datname = current_database() THEN coalesce(c.relname, p.relid::text) ELSE p.relid::text END";

export const progress = defineSqlSet({
  name: "progress",
  interval: 15,
  scope: "server",
  queries: ({ version }) => [
    progressOf({
      labels: { datname: "p.datname", relname: relation, phase: "h.phase" },
      values: { pg_stat_progress_vacuum_phase: flag("p.phase = h.phase") },
      from: `pg_stat_progress_vacuum p LEFT JOIN pg_class c ON c.oid = p.relid CROSS JOIN unnest('{${phases.join()}}'::text[]) AS h (phase)`,
    }),
    progressOf({
      labels: { datname: "p.datname", relname: relation },
      values: {
        pg_stat_progress_vacuum_heap_blks: "p.heap_blks_total",
        pg_stat_progress_vacuum_heap_blks_scanned: "p.heap_blks_scanned",
        pg_stat_progress_vacuum_heap_blks_vacuumed: "p.heap_blks_vacuumed",
        pg_stat_progress_vacuum_index_vacuums: "p.index_vacuum_count",
        pg_stat_progress_vacuum_max_dead_tuples: version >= 170_000 ? "p.max_dead_tuple_bytes" : "p.max_dead_tuples",
        pg_stat_progress_vacuum_num_dead_tuples: version >= 170_000 ? "p.num_dead_item_ids" : "p.num_dead_tuples",
      },
      from: "pg_stat_progress_vacuum p LEFT JOIN pg_class c ON c.oid = p.relid",
    }),
    progressOf({
      labels: { datname: "p.datname", relname: relation },
      values: {
        howdah_index_build_blocks_total: "max(p.blocks_total)",
        howdah_index_build_blocks_done: "max(p.blocks_done)",
      },
      from: "pg_stat_progress_create_index p LEFT JOIN pg_class c ON c.oid = p.relid GROUP BY 1, 2",
    }),
    progressOf({
      labels: { datname: "d.datname" },
      values: { howdah_index_builds: "count(p.pid)" },
      from: "pg_database d LEFT JOIN pg_stat_progress_create_index p ON p.datid = d.oid WHERE NOT d.datistemplate GROUP BY d.datname",
    }),
  ],
});
