import { metric, promql, type Selector } from "../expression";
import { walBytes } from "../recording";
import { age, max, min, rate, sum } from "./kit/expressions";
import { dashboard, stat, stateTimeline, table, timeseries } from "./kit/model";
import { logical } from "./rows/replication-logical";
import { above, below, from } from "./kit/thresholds";

const isReplica = metric("pg_replication_is_replica");
const perStandby = (lag: Selector) => max(lag, "server", "application_name");
const conflict = (kind: "tablespace" | "lock" | "snapshot" | "bufferpin" | "deadlock") =>
  sum(rate(metric(`pg_stat_database_conflicts_confl_${kind}`)), "server");

const earlier = "It compares the timeline with an earlier one.";

export const replication = dashboard({
  title: "Replication",
  about: "Who is the primary, how far behind the replicas are, and what they make the primary keep.",
  rows: [
    {
      title: "Roles",
      lines: [
        {
          roles: stateTimeline({
            title: "Roles",
            description: "Role of each server; two primaries at a time are a split brain, and none means no writes.",
            unit: "none",
            states: { 0: { text: "primary", color: "blue" }, 1: { text: "replica", color: "green" } },
            width: 14,
            queries: { "{{server}}": isReplica },
          }),
          primaries: stat({
            title: "Primaries",
            description: "Servers that accept writes; more than one, and what they accept contradicts itself.",
            unit: "short",
            marks: above("SplitBrain"),
            width: 5,
            queries: { primaries: promql`count(${isReplica} == ${0})` },
          }),
          sync: stat({
            title: "Synchronous standbys",
            description:
              "Replicas that confirm commits; with too few, writes wait, or a failure of the primary loses them.",
            unit: "short",
            marks: below("SyncStandbyMissing"),
            width: 5,
            queries: {
              "{{scope}}": promql`${sum(metric("patroni_sync_standby"), "scope")} + ${sum(metric("patroni_quorum_standby"), "scope")}`,
            },
          }),
        },
        {
          timeline: timeseries({
            title: "Timeline",
            description: "Timeline of each server; every step up is a failover or a switchover.",
            unmarked: { FailoverHappened: earlier, FailoverFlapping: earlier },
            unit: "none",
            queries: { "{{server}}": metric("howdah_timeline") },
          }),
          streaming: stateTimeline({
            title: "Streaming",
            description:
              "Replicas that receive changes from the primary; one that does not gets older and cannot take over.",
            unit: "none",
            states: { 0: "not streaming", 1: "streaming" },
            marks: below("ReplicaNotStreaming"),
            queries: { "{{server}}": metric("howdah_wal_receiver_streaming") },
          }),
          "replay-paused": stateTimeline({
            title: "Replay",
            description: "Replicas that have been told to stop replaying; their reads get older every second.",
            unit: "none",
            states: { 0: "replaying", 1: "paused" },
            marks: from("ReplayPaused"),
            queries: { "{{server}}": metric("howdah_wal_replay_paused") },
          }),
        },
      ],
    },
    {
      title: "Lag",
      lines: [
        {
          "lag-seconds": timeseries({
            title: "Lag",
            description: "Age of the last transaction that a replica has replayed; its readers see rows that old.",
            unit: "s",
            marks: above("ReplicationLagSeconds"),
            unmarked: { LagGrowing: "It is about the growth of the lag." },
            queries: { "{{server}}": metric("pg_replication_lag_seconds") },
          }),
          "lag-bytes": timeseries({
            title: "Lag in bytes",
            description: "WAL that a standby has not replayed; what it has not even flushed is lost with the primary.",
            unit: "bytes",
            marks: above("ReplicationLagBytes"),
            queries: {
              "{{application_name}} replay": perStandby(metric("pg_stat_replication_pg_wal_lsn_diff")),
              "{{application_name}} flush": perStandby(metric("howdah_replication_flush_lag_bytes")),
              "{{application_name}} write": perStandby(metric("howdah_replication_write_lag_bytes")),
              "{{application_name}} sent": perStandby(metric("howdah_replication_sent_lag_bytes")),
            },
          }),
        },
        {
          "confirmation-time": timeseries({
            title: "Time of confirmation",
            description:
              "Time until a standby has written, flushed and replayed recent WAL; synchronous commits wait for it.",
            unit: "s",
            queries: {
              "{{application_name}} write": perStandby(metric("howdah_replication_write_lag_seconds")),
              "{{application_name}} flush": perStandby(metric("howdah_replication_flush_lag_seconds")),
              "{{application_name}} replay": perStandby(metric("howdah_replication_replay_lag_seconds")),
            },
          }),
          "wal-rate": timeseries({
            title: "WAL of the primary",
            description: "WAL written a second; a replica that replays less falls behind.",
            unit: "binBps",
            queries: { "{{server}} writes": promql`${walBytes}` },
          }),
          "replay-rate": timeseries({
            title: "Progress",
            description:
              "WAL written by the primary and replayed by the replicas a second; lines that part are a growing lag.",
            unit: "binBps",
            queries: { "{{server}}": promql`deriv(${metric("pg_xlog_location_bytes").over("$__rate_interval")})` },
          }),
        },
        {
          standbys: table({
            title: "Standbys",
            description: "Standbys that are connected; one that is missing here receives nothing.",
            labels: { application_name: "Standby", client_addr: "Address", state: "State", slot_name: "Slot" },
            values: {
              "Not replayed": {
                expr: max(
                  metric("pg_stat_replication_pg_wal_lsn_diff"),
                  "application_name",
                  "client_addr",
                  "state",
                  "slot_name",
                ),
                unit: "bytes",
              },
            },
            sort: "Not replayed",
          }),
          "sync-states": table({
            title: "Synchronous states",
            description:
              "State of each standby for the primary; with none that is sync or quorum, no commit is confirmed by a replica.",
            labels: { application_name: "Standby", sync_state: "State" },
            values: {
              Standbys: {
                expr: sum(metric("howdah_replication_sync_state"), "application_name", "sync_state"),
                unit: "short",
              },
            },
            sort: "Standbys",
          }),
          receiver: timeseries({
            title: "Silence of the receiver",
            description:
              "Time since a replica last heard of the primary; longer than seconds, and the connection is broken.",
            unit: "s",
            queries: { "{{server}}": age(max(metric("pg_stat_wal_receiver_last_msg_receipt_time"), "server")) },
          }),
        },
      ],
    },
    {
      title: "Slots and conflicts",
      lines: [
        {
          slots: timeseries({
            title: "WAL kept for slots",
            description: "WAL that slots keep, in percent of max_slot_wal_keep_size; at 100 the slot is lost.",
            unit: "percent",
            marks: above("SlotRetainedWal"),
            queries: {
              "{{server}} {{slot_name}}": promql`${100} * ${metric("pg_replication_slots_pg_wal_lsn_diff")} / on (server) group_left () (${metric("pg_settings_max_slot_wal_keep_size_bytes")} > ${0})`,
            },
          }),
          "slot-states": table({
            title: "Slots",
            description:
              "State of each slot; an unreserved one is about to lose WAL, a lost one has, and one that is not read fills the disk.",
            unmarked: { SlotLost: "It is a state, and no figure." },
            labels: { server: "Server", slot_name: "Slot", slot_type: "Type", wal_status: "WAL" },
            values: {
              "Kept WAL": {
                expr: max(
                  promql`${metric("pg_replication_slots_wal_status")} * on (server, slot_name) group_left () ${max(metric("pg_replication_slots_pg_wal_lsn_diff"), "server", "slot_name")}`,
                  "server",
                  "slot_name",
                  "slot_type",
                  "wal_status",
                ),
                unit: "bytes",
              },
            },
            sort: "Kept WAL",
          }),
          "slot-readers": stateTimeline({
            title: "Readers of slots",
            description:
              "Slots of the primary that are read; it keeps WAL for one that is not, until its disk is full.",
            unit: "none",
            states: { 0: "not read", 1: "read" },
            marks: below("SlotInactive"),
            queries: {
              "{{server}} {{slot_name}}": promql`${min(metric("pg_replication_slots_slot_is_active"), "server", "slot_name")} and on (server) ${isReplica} == ${0}`,
            },
          }),
        },
        {
          conflicts: timeseries({
            title: "Conflicts",
            description:
              "Queries that replicas cancel a second, since they stand in the way of replay; their clients see errors.",
            unit: "cps",
            marks: above("StandbyConflicts"),
            queries: { "{{server}}": sum(rate(metric("pg_stat_database_conflicts")), "server") },
          }),
          "conflict-kinds": timeseries({
            title: "Conflicts by kind",
            description:
              "What the cancelled queries stood in the way of; snapshots point to long queries, locks to changes of tables.",
            unit: "cps",
            stacked: true,
            queries: {
              "{{server}} snapshot": conflict("snapshot"),
              "{{server}} lock": conflict("lock"),
              "{{server}} buffer pin": conflict("bufferpin"),
              "{{server}} deadlock": conflict("deadlock"),
              "{{server}} tablespace": conflict("tablespace"),
            },
          }),
        },
      ],
    },
    logical,
  ],
});
