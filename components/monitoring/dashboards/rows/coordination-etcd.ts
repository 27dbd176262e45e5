import { buckets, metric, minutes, promql } from "../../expression";
import { percent, rate, sum } from "../kit/expressions";
import { barGauge, row, stat, stateTimeline, timeseries, upDown } from "../kit/model";
import { above, below } from "../kit/thresholds";

const slowest = (histogram: "etcd_disk_wal_fsync_duration_seconds" | "etcd_disk_backend_commit_duration_seconds") =>
  promql`histogram_quantile(${0.99}, sum by (member, le) (rate(${buckets(histogram).over("$__rate_interval")})))`;
export const etcd = row({
  title: "etcd",
  lines: [
    {
      "etcd-members": stateTimeline({
        title: "Members",
        description: "Members that answer; without a majority, no server can become the primary.",
        unit: "none",
        states: upDown,
        marks: below("EtcdMemberDown"),
        queries: { "{{member}}": metric("up", { job: "etcd" }) },
      }),
      "etcd-quorum": stat({
        title: "Members that answer",
        description: "Number of members that answer; below a majority, writes stop for good if the primary fails.",
        unit: "short",
        marks: below("EtcdNoQuorum"),
        queries: { members: sum(metric("up", { job: "etcd" })) },
      }),
      "etcd-leader": stateTimeline({
        title: "Leader as the members see it",
        description: "Members that know a leader, and the one that is it; one that knows none is cut off.",
        unit: "none",
        states: { 0: "none", 1: "known", 2: { text: "is the leader", color: "blue" } },
        marks: below("EtcdNoLeader"),
        queries: {
          "{{member}}": promql`${metric("etcd_server_has_leader")} + ${metric("etcd_server_is_leader")}`,
        },
      }),
    },
    {
      "etcd-changes": timeseries({
        title: "Leader changes",
        description: "Leader changes in ten minutes; with many of them, Patroni may lose the leader key.",
        unit: "short",
        marks: above("EtcdLeaderChanges"),
        queries: {
          "{{member}}": promql`increase(${metric("etcd_server_leader_changes_seen_total").over(minutes(10))})`,
        },
      }),
      "etcd-fsync": timeseries({
        title: "fsync of etcd's WAL, 99 %",
        description: "Time of an fsync; if the disk is slow, Patroni may lose the leader key, and writes pause.",
        unit: "s",
        marks: above("EtcdFsyncSlow"),
        queries: { "{{member}}": slowest("etcd_disk_wal_fsync_duration_seconds") },
      }),
      "etcd-commit": timeseries({
        title: "Commit to the database file, 99 %",
        description: "Time of a commit; above a quarter of a second, the disk is too slow for etcd.",
        unit: "s",
        queries: { "{{member}}": slowest("etcd_disk_backend_commit_duration_seconds") },
      }),
    },
    {
      "etcd-size": barGauge({
        title: "Database",
        description:
          "Size of etcd's database in percent of its quota; at 100 it refuses writes, and no server can become the primary.",
        unit: "percent",
        max: 100,
        marks: above("EtcdQuota"),
        queries: {
          "{{member}}": percent(metric("etcd_mvcc_db_total_size_in_bytes"), metric("etcd_server_quota_backend_bytes")),
        },
      }),
      "etcd-proposals": timeseries({
        title: "Failed proposals",
        description: "Proposals that fail a second; any that last mean that members cannot agree.",
        unit: "cps",
        queries: { "{{member}}": rate(metric("etcd_server_proposals_failed_total")) },
      }),
    },
  ],
});
