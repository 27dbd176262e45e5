import { defineSqlSet, epoch, flag, type Query, queriesOf } from "../sql-set";

const query = queriesOf<"replication">();

/** Position that a server has reached: what it has received if it is a replica. */
const position = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END";
const bytes = (lsn: string): string => `pg_wal_lsn_diff(${lsn}, '0/0')`;
const behind = (lsn: string): string => `greatest(0, pg_wal_lsn_diff(${position}, ${lsn}))`;
const replayAge = epoch("(clock_timestamp() - pg_last_xact_replay_timestamp())");

const ownPosition = query({
  labels: {},
  values: {
    pg_replication_lag_seconds: `CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 ELSE greatest(0, ${replayAge}) END`,
    pg_replication_last_replay_seconds: replayAge,
    pg_xlog_location_bytes: `CASE WHEN pg_is_in_recovery() THEN ${bytes("pg_last_wal_replay_lsn()")} ELSE ${bytes("pg_current_wal_lsn()")} END`,
    howdah_wal_replay_paused: `CASE WHEN pg_is_in_recovery() THEN ${flag("pg_is_wal_replay_paused()")} ELSE 0 END`,
  },
  from: "(SELECT) AS one",
});

// Without the process id, which is another with every reconnect. A standby's name is the one that it connects with.
const standbys = query({
  labels: {
    application_name: "r.application_name",
    client_addr: "host(r.client_addr)",
    state: "r.state",
    slot_name: "min(s.slot_name)",
  },
  values: {
    pg_stat_replication_pg_current_wal_lsn_bytes: bytes(position),
    pg_stat_replication_pg_wal_lsn_diff: `max(${behind("r.replay_lsn")})`,
    howdah_replication_sent_lag_bytes: `max(${behind("r.sent_lsn")})`,
    howdah_replication_write_lag_bytes: `max(${behind("r.write_lsn")})`,
    howdah_replication_flush_lag_bytes: `max(${behind("r.flush_lsn")})`,
    howdah_replication_write_lag_seconds: `max(${epoch("r.write_lag")})`,
    howdah_replication_flush_lag_seconds: `max(${epoch("r.flush_lag")})`,
    howdah_replication_replay_lag_seconds: `max(${epoch("r.replay_lag")})`,
  },
  from: `pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid GROUP BY r.application_name, r.client_addr, r.state`,
});

const timeline = query({
  labels: {},
  values: { howdah_timeline: "timeline_id" },
  from: "pg_control_checkpoint()",
});

const syncStates = query({
  labels: { application_name: "application_name", sync_state: "sync_state" },
  values: { howdah_replication_sync_state: "count(*)" },
  from: "pg_stat_replication GROUP BY application_name, sync_state",
});

const slots: readonly Query[] = [
  query({
    labels: { slot_name: "slot_name", database: "database" },
    values: {
      pg_replication_slots_active: flag("active"),
      pg_replication_slots_pg_wal_lsn_diff: behind("restart_lsn"),
    },
    from: "pg_replication_slots",
  }),
  query({
    labels: { slot_name: "slot_name", slot_type: "slot_type" },
    values: {
      pg_replication_slots_slot_is_active: flag("active"),
      pg_replication_slots_slot_current_wal_lsn: bytes(position),
      pg_replication_slots_slot_confirmed_flush_lsn: bytes("coalesce(confirmed_flush_lsn, '0/0')"),
      pg_replication_slots_safe_wal_size_bytes: "safe_wal_size",
    },
    from: "pg_replication_slots",
  }),
  query({
    labels: { slot_name: "slot_name", slot_type: "slot_type", wal_status: "wal_status" },
    values: { pg_replication_slots_wal_status: "1" },
    from: "pg_replication_slots WHERE wal_status IS NOT NULL",
  }),
];

const receiverQuery = queriesOf<"wal receiver">();

const receiver = receiverQuery({
  labels: { upstream_host: "sender_host", slot_name: "slot_name", status: "status" },
  values: {
    pg_stat_wal_receiver_receive_start_lsn: bytes("receive_start_lsn"),
    pg_stat_wal_receiver_receive_start_tli: "receive_start_tli",
    pg_stat_wal_receiver_flushed_lsn: bytes("flushed_lsn"),
    pg_stat_wal_receiver_received_tli: "received_tli",
    pg_stat_wal_receiver_last_msg_send_time: epoch("last_msg_send_time"),
    pg_stat_wal_receiver_last_msg_receipt_time: epoch("last_msg_receipt_time"),
    pg_stat_wal_receiver_latest_end_lsn: bytes("latest_end_lsn"),
    pg_stat_wal_receiver_latest_end_time: epoch("latest_end_time"),
  },
  from: "pg_stat_wal_receiver WHERE status IS NOT NULL",
});

const subscriptions = query({
  labels: { datname: "d.datname", subname: "s.subname" },
  values: {
    howdah_subscription_lag_seconds: `max(${epoch("(clock_timestamp() - s.latest_end_time)")})`,
    howdah_subscription_workers: "count(s.pid)",
  },
  from: `pg_stat_subscription s JOIN pg_subscription u ON u.oid = s.subid JOIN pg_database d ON d.oid = u.subdbid GROUP BY d.datname, s.subname`,
});

const subscriptionErrors = query({
  labels: { datname: "d.datname", subname: "s.subname" },
  values: {
    howdah_subscription_apply_errors_total: "s.apply_error_count",
    howdah_subscription_sync_errors_total: "s.sync_error_count",
  },
  from: "pg_stat_subscription_stats s JOIN pg_subscription u ON u.oid = s.subid JOIN pg_database d ON d.oid = u.subdbid",
});

/** Not on Aurora, whose readers receive no WAL. */
export const walReceiver = defineSqlSet({
  name: "wal receiver",
  interval: 15,
  scope: "server",
  queries: () => [
    receiver,
    receiverQuery({
      labels: {},
      values: {
        howdah_wal_receiver_streaming: "(SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming')",
      },
      from: "(SELECT) AS one WHERE pg_is_in_recovery()",
    }),
  ],
});

export const replication = defineSqlSet({
  name: "replication",
  interval: 15,
  scope: "server",
  queries: ({ version }) => [
    ownPosition,
    timeline,
    standbys,
    syncStates,
    ...slots,
    subscriptions,
    ...(version >= 150_000 ? [subscriptionErrors] : []),
  ],
});
