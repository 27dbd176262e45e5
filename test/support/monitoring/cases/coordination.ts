import type { etcdAlerts, haproxyAlerts, patroniAlerts } from "../../../../components/monitoring/alerts/coordination";
import { age, buckets, rise, value } from "../waves";
import { type Cases, node1, of } from "./case";

const member = { scope: "main", name: "node1", server: "node1", host: "h1" } as const;
const other = { scope: "main", name: "node2", server: "node2", host: "h2" } as const;
const scope = { scope: "main" } as const;
const etcd1 = { member: "etcd1", host: "h1" } as const;
const etcd = (name: string) => ({ job: "etcd", instance: name, member: name, host: "h1" });

export const patroniCases: Cases<keyof typeof patroniAlerts> = {
  PatroniDown: {
    critical: of(
      { job: "patroni", instance: "a", server: "node1", host: "h1" },
      value("up", { job: "patroni", instance: "a", server: "node1", host: "h1" }, [1, 0]),
      value("up", { job: "node", instance: "b", host: "h1" }, 0),
    ),
  },
  PatroniPostgresNotRunning: { critical: of(member, value("patroni_postgres_running", member, [1, 0])) },
  ClusterUnlocked: {
    critical: of(scope, value("patroni_cluster_unlocked", member, 1), value("patroni_cluster_unlocked", other, [0, 1])),
  },
  DcsStale: {
    critical: of(member, age("patroni_dcs_last_seen", member, [300, 301])),
    // The shortest ttl, which follows from the 30 seconds of the objective.
    warning: of(member, age("patroni_dcs_last_seen", member, [20, 21])),
  },
  FailsafeActive: { critical: of(scope, value("patroni_failsafe_mode_is_active", member, [0, 1])) },
  PatroniPaused: { warning: of(scope, value("patroni_is_paused", member, [0, 1])) },
  PatroniPendingRestart: { warning: of(member, value("patroni_pending_restart", member, [0, 1])) },
  ReplicaNotStreaming: {
    warning: of(
      node1,
      value("howdah_wal_receiver_streaming", node1, [1, 0]),
      value("howdah_wal_receiver_streaming", { server: "node2" }, 1),
    ),
  },
  SyncStandbyMissing: {
    critical: of(
      scope,
      value("patroni_sync_standby", member, 0),
      value("patroni_sync_standby", other, [1, 0]),
      value("patroni_quorum_standby", member, 0),
      value("patroni_quorum_standby", other, 0),
    ),
  },
  ReplayPaused: { warning: of(node1, value("howdah_wal_replay_paused", node1, [0, 1])) },
};

export const etcdCases: Cases<keyof typeof etcdAlerts> = {
  EtcdMemberDown: { warning: of(etcd("etcd1"), value("up", etcd("etcd1"), [1, 0]), value("up", etcd("etcd2"), 1)) },
  EtcdNoQuorum: {
    critical: of({}, value("up", etcd("etcd1"), [1, 0]), value("up", etcd("etcd2"), 1), value("up", etcd("etcd3"), 0)),
  },
  EtcdNoLeader: { critical: of(etcd1, value("etcd_server_has_leader", etcd1, [1, 0])) },
  EtcdLeaderChanges: { warning: of({}, rise("etcd_server_leader_changes_seen_total", etcd1, [2.9 / 600, 3.1 / 600])) },
  EtcdFsyncSlow: {
    critical: of(
      { member: "etcd1" },
      buckets("etcd_disk_wal_fsync_duration_seconds", etcd1, { "0.5": [9.901, 9.899], "1": 10, "+Inf": 10 }),
    ),
    warning: of(
      { member: "etcd1" },
      buckets("etcd_disk_wal_fsync_duration_seconds", etcd1, { "0.1": [9.901, 9.899], "0.2": 10, "+Inf": 10 }),
      // Too few to say anything.
      buckets("etcd_disk_wal_fsync_duration_seconds", { member: "etcd2" }, { "0.1": 0, "0.2": 0.1, "+Inf": 0.1 }),
    ),
  },
  EtcdQuota: {
    critical: of(
      etcd1,
      value("etcd_server_quota_backend_bytes", etcd1, 1000),
      value("etcd_mvcc_db_total_size_in_bytes", etcd1, [950, 951]),
    ),
    warning: of(
      etcd1,
      value("etcd_server_quota_backend_bytes", etcd1, 1000),
      value("etcd_mvcc_db_total_size_in_bytes", etcd1, [800, 801]),
    ),
  },
};

export const haproxyCases: Cases<keyof typeof haproxyAlerts> = {
  HaproxyDown: {
    critical: of(
      { job: "haproxy", instance: "a", host: "h1" },
      value("up", { job: "haproxy", instance: "a", host: "h1" }, [1, 0]),
    ),
  },
  HaproxyNoWriter: {
    critical: of(
      { proxy: "primary" },
      value("haproxy_backend_active_servers", { proxy: "primary" }, [1, 0]),
      value("haproxy_backend_active_servers", { proxy: "replicas" }, 0),
    ),
  },
  HaproxyNoReader: {
    warning: of(
      { proxy: "replicas" },
      value("haproxy_backend_active_servers", { proxy: "replicas" }, [1, 0]),
      value("haproxy_backend_active_servers", { proxy: "primary" }, 0),
    ),
  },
  HaproxyFlapping: {
    warning: of(
      { proxy: "primary", server: "node1" },
      rise("haproxy_server_check_up_down_total", { proxy: "primary", server: "node1" }, [3.9 / 300, 4.1 / 300]),
    ),
  },
  HaproxySessionsFull: {
    warning: of(
      { proxy: "read-write" },
      value("haproxy_frontend_current_sessions", { proxy: "read-write" }, [80, 81]),
      value("haproxy_frontend_limit_sessions", { proxy: "read-write" }, 100),
      value("haproxy_frontend_current_sessions", { proxy: "unlimited" }, 81),
      value("haproxy_frontend_limit_sessions", { proxy: "unlimited" }, 0),
    ),
  },
};
