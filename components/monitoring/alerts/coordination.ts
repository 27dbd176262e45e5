import { buckets, metric, minutes, promql, type Selector } from "../expression";
import { type AlertSettings, area } from "./alert";

/** Names of HAProxy's backends. */
const proxies = { primary: "primary", replicas: "replicas" } as const;

/** fsyncs a second below which a quantile says nothing. */
const fewFsyncs = 0.1;

const up = (job: string): Selector => metric("up", { job });

/** Members without which etcd decides nothing. */
const majority = ({ targets }: AlertSettings): number => Math.floor((targets["etcd"] ?? 1) / 2) + 1;

/** Patroni: who leads, and whether the others may follow. */
export const patroniAlerts = area({
  PatroniDown: {
    nature: "cause",
    summary: "Patroni of {{ $labels.server }} does not answer: this server cannot take over if the primary fails.",
    panel: "coordination/patroni",
    levels: { critical: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${up("patroni")} < ${limit}`,
    hiddenBy: { HostDown: ["host"] },
    quietDuringWork: true,
  },
  PatroniPostgresNotRunning: {
    nature: "cause",
    summary: "Patroni cannot get PostgreSQL of {{ $labels.server }} to run: the service has one server less.",
    panel: "coordination/patroni-postgres",
    levels: { critical: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${metric("patroni_postgres_running")} < ${limit}`,
    hiddenBy: { NoWriter: [], PostgresDown: ["server"] },
    quietDuringWork: true,
  },
  ClusterUnlocked: {
    nature: "cause",
    summary: "No server holds the leader key: if the primary fails now, none takes over.",
    panel: "coordination/unlocked",
    levels: { critical: { limit: 1, for: ({ plan }) => plan.ttl } },
    expr: (limit) => promql`min by (scope) (${metric("patroni_cluster_unlocked")}) >= ${limit}`,
    hiddenBy: { NoWriter: [], EtcdNoQuorum: [] },
  },
  DcsStale: {
    nature: "cause",
    summary: "Patroni of {{ $labels.server }} has not reached etcd for a while: a primary gives up its role then.",
    panel: "coordination/dcs",
    levels: {
      critical: { limit: minutes(5), for: minutes(1) },
      warning: { limit: ({ plan }) => plan.ttl, for: minutes(1) },
    },
    expr: (limit) => promql`time() - ${metric("patroni_dcs_last_seen")} > ${limit}`,
    hiddenBy: { EtcdNoQuorum: [] },
  },
  FailsafeActive: {
    nature: "cause",
    summary: "The primary goes on without etcd: writes work, but a failure of the primary would stop them.",
    panel: "coordination/failsafe",
    levels: { critical: { limit: 1, for: 0, keep: minutes(5) } },
    expr: (limit) => promql`max by (scope) (${metric("patroni_failsafe_mode_is_active")}) >= ${limit}`,
  },
  PatroniPaused: {
    nature: "cause",
    summary: "Automatic failover is switched off: if the primary fails, writes stop until an operator acts.",
    panel: "coordination/pauses",
    levels: { warning: { limit: 1, for: minutes(15) } },
    expr: (limit) => promql`max by (scope) (${metric("patroni_is_paused")}) >= ${limit}`,
  },
  PatroniPendingRestart: {
    nature: "cause",
    summary:
      "{{ $labels.server }} needs a restart to use its configuration: it behaves differently from what is declared.",
    panel: "coordination/pending-restart",
    levels: { warning: { limit: 1, for: minutes(30) } },
    expr: (limit) => promql`${metric("patroni_pending_restart")} >= ${limit}`,
  },
  ReplicaNotStreaming: {
    nature: "cause",
    summary: "Replica {{ $labels.server }} receives no changes: its reads get older, and it cannot take over.",
    panel: "replication/streaming",
    levels: { warning: { limit: 1, for: minutes(2) } },
    expr: (limit) => promql`${metric("howdah_wal_receiver_streaming")} < ${limit}`,
    hiddenBy: { PostgresDown: ["server"], NoWriter: [] },
    quietDuringWork: true,
  },
  SyncStandbyMissing: {
    nature: "cause",
    summary: "No replica confirms commits: writes wait, or a failure of the primary loses them.",
    panel: "replication/sync",
    levels: { critical: { limit: ({ plan }) => plan.synchronousNodeCount, for: minutes(1) } },
    expr: (limit) =>
      promql`sum by (scope) (${metric("patroni_sync_standby")}) + sum by (scope) (${metric("patroni_quorum_standby")}) < ${limit}`,
    hiddenBy: { NoWriter: [] },
    quietDuringWork: true,
  },
  ReplayPaused: {
    nature: "cause",
    summary:
      "Replica {{ $labels.server }} does not replay, because replay was paused: its reads get older every second.",
    panel: "replication/replay-paused",
    levels: { warning: { limit: 1, for: minutes(5) } },
    expr: (limit) => promql`${metric("howdah_wal_replay_paused")} >= ${limit}`,
  },
});

/** etcd, without which Patroni can elect no leader. */
export const etcdAlerts = area({
  EtcdMemberDown: {
    nature: "cause",
    summary: "etcd member {{ $labels.member }} does not answer: one more, and no server can become the primary.",
    panel: "coordination/etcd-members",
    levels: { warning: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${up("etcd")} < ${limit}`,
    hiddenBy: { EtcdNoQuorum: [], HostDown: ["host"] },
  },
  EtcdNoQuorum: {
    nature: "cause",
    summary: "Most members of etcd are gone: if the primary fails, writes stop for good.",
    panel: "coordination/etcd-quorum",
    levels: { critical: { limit: majority, for: 30 } },
    expr: (limit) => promql`sum(${up("etcd")}) < ${limit}`,
  },
  EtcdNoLeader: {
    nature: "cause",
    summary: "etcd member {{ $labels.member }} knows no leader: no server can become the primary through it.",
    panel: "coordination/etcd-leader",
    levels: { critical: { limit: 1, for: 15 } },
    expr: (limit) => promql`${metric("etcd_server_has_leader")} < ${limit}`,
    hiddenBy: { EtcdNoQuorum: [] },
  },
  EtcdLeaderChanges: {
    nature: "cause",
    summary: "etcd keeps changing its leader: Patroni may lose the leader key, and writes pause.",
    panel: "coordination/etcd-changes",
    levels: { warning: { limit: 3, for: 0, keep: minutes(10) } },
    expr: (limit) =>
      promql`max(increase(${metric("etcd_server_leader_changes_seen_total").over(minutes(10))})) > ${limit}`,
  },
  EtcdFsyncSlow: {
    nature: "cause",
    summary: "The disk of etcd member {{ $labels.member }} is slow: Patroni may lose the leader key, and writes pause.",
    panel: "coordination/etcd-fsync",
    levels: { critical: { limit: 0.5, for: minutes(2) }, warning: { limit: 0.1, for: minutes(2) } },
    expr: (limit) => {
      const fsyncs = buckets("etcd_disk_wal_fsync_duration_seconds").over(minutes(5));
      const all = buckets("etcd_disk_wal_fsync_duration_seconds", { le: "+Inf" }).over(minutes(5));
      const slowest = promql`histogram_quantile(${0.99}, sum by (member, le) (rate(${fsyncs})))`;
      return promql`${slowest} > ${limit} and sum by (member) (rate(${all})) > ${fewFsyncs}`;
    },
  },
  EtcdQuota: {
    nature: "cause",
    summary: "The database of etcd member {{ $labels.member }} is nearly full: then no server can become the primary.",
    panel: "coordination/etcd-size",
    levels: { critical: { limit: 95, for: minutes(1) }, warning: { limit: 80, for: minutes(1) } },
    expr: (limit) =>
      promql`${100} * ${metric("etcd_mvcc_db_total_size_in_bytes")} / ${metric("etcd_server_quota_backend_bytes")} > ${limit}`,
  },
});

/** HAProxy, which leads the pooler to the primary. */
export const haproxyAlerts = area({
  HaproxyDown: {
    nature: "cause",
    summary: "HAProxy does not answer: the pooler reaches no server, and applications see errors.",
    panel: "coordination/haproxy-up",
    levels: { critical: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${up("haproxy")} < ${limit}`,
    hiddenBy: { HostDown: ["host"] },
  },
  HaproxyNoWriter: {
    nature: "cause",
    summary: "HAProxy knows no primary: writes reach no server.",
    panel: "coordination/haproxy",
    levels: { critical: { limit: 1, for: 10 } },
    expr: (limit) => promql`${metric("haproxy_backend_active_servers", { proxy: proxies.primary })} < ${limit}`,
    hiddenBy: { NoWriter: [], WriteProbeFailing: [] },
    quietDuringWork: true,
  },
  HaproxyNoReader: {
    nature: "cause",
    summary: "HAProxy knows no replica that keeps up: the primary has to serve all reads.",
    panel: "coordination/haproxy",
    levels: { warning: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${metric("haproxy_backend_active_servers", { proxy: proxies.replicas })} < ${limit}`,
    hiddenBy: { NoWriter: [] },
    quietDuringWork: true,
  },
  HaproxyFlapping: {
    nature: "cause",
    summary:
      "The checks of {{ $labels.server }} fail and succeed in turn: its clients lose their sessions again and again.",
    panel: "coordination/haproxy-checks",
    levels: { warning: { limit: 4, for: 0, keep: minutes(5) } },
    expr: (limit) =>
      promql`sum by (proxy, server) (increase(${metric("haproxy_server_check_up_down_total").over(minutes(5))})) > ${limit}`,
    quietDuringWork: true,
  },
  HaproxySessionsFull: {
    nature: "cause",
    summary: "HAProxy's {{ $labels.proxy }} is nearly out of sessions: further ones have to wait.",
    panel: "coordination/haproxy-sessions",
    levels: { warning: { limit: 80, for: minutes(2) } },
    expr: (limit) =>
      promql`${100} * ${metric("haproxy_frontend_current_sessions")} / (${metric("haproxy_frontend_limit_sessions")} > ${0}) > ${limit}`,
  },
});
