import { patient } from "../alerts/sessions";
import { buckets, isPrimary, metric, promql } from "../expression";
import { blocks, cacheHits, commits, memoryAvailable, rollbacks } from "../recording";
import { age, count, max, min, percent, sum } from "./kit/expressions";
import { dashboard, gauge, stat, stateTimeline, table, timeseries, upDown } from "./kit/model";
import { configuration, monitoringItself } from "./rows/overview-monitoring";
import { above, below } from "./kit/thresholds";
import { usedConnections } from "./sessions";

const probe = buckets("howdah_probe_duration_seconds").over("$__rate_interval");
const quantile = (share: number) => promql`histogram_quantile(${share}, sum by (route, le) (rate(${probe})))`;

const ofMetric = (record: typeof commits, ...labels: readonly string[]) => sum(promql`${record}`, ...labels);

export const overview = dashboard({
  title: "Overview",
  about: "Whether the service works, what is about to go wrong, and where to look next.",
  rows: [
    {
      title: "Service",
      lines: [
        {
          writer: stat({
            title: "Writable servers",
            description:
              "Servers that accept writes; with none, applications cannot save anything, and more than one is a split brain.",
            unit: "short",
            marks: below("NoWriter"),
            queries: {
              writable: promql`count(${isPrimary}) or ${0} * count(${metric("pg_up")})`,
            },
          }),
          servers: stat({
            title: "Servers",
            description:
              "Servers that accept connections; fewer than declared, and the next failure may stop the service.",
            unit: "short",
            marks: below("MembersMissing"),
            queries: { up: sum(metric("pg_up")), declared: max(metric("howdah_servers_declared")) },
          }),
          "firing-now": stat({
            title: "Firing alerts",
            description: "Critical alerts and warnings that fire; each of them says what users notice, or soon will.",
            unit: "short",
            queries: {
              critical: promql`${count(metric("ALERTS", { alertstate: "firing", severity: "critical" }))} or vector(${0})`,
              warning: promql`${count(metric("ALERTS", { alertstate: "firing", severity: "warning" }))} or vector(${0})`,
            },
          }),
          uptime: stat({
            title: "Uptime",
            description:
              "Time since PostgreSQL was started; after a start within minutes, sessions were lost and the cache is cold.",
            unit: "s",
            marks: below("PostgresRestarted"),
            queries: { "{{server}}": age(metric("pg_postmaster_start_time_seconds")) },
          }),
        },
        {
          probes: stateTimeline({
            title: "Probes through the pooler",
            description: "What an application sees; while a route is down, its statements fail.",
            unit: "none",
            states: upDown,
            marks: below("WriteProbeFailing", "ReadProbeFailing"),
            queries: { "{{route}}": metric("howdah_probe_success") },
          }),
          latency: timeseries({
            title: "Latency of the probes",
            description: "Time of a simple statement, its login included; above the line, applications feel slow.",
            unit: "s",
            marks: above("ProbeLatency"),
            queries: { "{{route}}, 95 %": quantile(0.95), "{{route}}, median": quantile(0.5) },
          }),
        },
        {
          "server-states": stateTimeline({
            title: "Servers over time",
            description:
              "Whether each server accepts connections; while one does not, the service has one server less.",
            unit: "none",
            states: upDown,
            marks: below("PostgresDown"),
            queries: { "{{server}}": metric("pg_up") },
          }),
          "planned-work": stateTimeline({
            title: "Planned work",
            description: "Work that has been announced; alerts that it explains are silent meanwhile.",
            unmarked: { PlannedWork: "Planned work is no fault: its alert only says why others are silent." },
            unit: "none",
            states: { 0: "none", 1: { text: "under way", color: "blue" } },
            queries: { "{{work}}": max(metric("howdah_planned_work"), "work") },
          }),
          alerts: table({
            title: "Alerts",
            description: "Alerts that fire or are pending; a click opens the runbook, and Watchdog always fires.",
            unmarked: { Watchdog: "It always fires: that is how its receiver sees that alerting works." },
            labels: { alertname: "Alert", severity: "Severity", alertstate: "State", area: "Area" },
            values: {
              Series: { expr: count(metric("ALERTS"), "alertname", "severity", "alertstate", "area"), unit: "short" },
            },
            sort: "Series",
            runbook: "alertname",
          }),
        },
      ],
    },
    {
      title: "What may go wrong next",
      lines: [
        {
          connections: usedConnections,
          lag: stat({
            title: "Replication lag",
            description:
              "Age of the last transaction that the slowest replica has replayed; its readers see rows that old.",
            unit: "s",
            marks: above("ReplicationLagSeconds"),
            queries: { "slowest replica": max(metric("pg_replication_lag_seconds")) },
          }),
          "oldest-transaction": stat({
            title: "Oldest transaction",
            description: "Age of the oldest transaction; for as long as it is open, dead rows stay and tables grow.",
            unit: "s",
            marks: above("LongTransaction"),
            queries: { oldest: max(metric("howdah_transaction_max_seconds", { usename: { not: patient } })) },
          }),
          wraparound: gauge({
            title: "Transaction ID age",
            description:
              "Age of the oldest transaction ID as a multiple of autovacuum_freeze_max_age; in the end the database stops writes.",
            unit: "short",
            marks: above("XidAge"),
            max: 4,
            queries: {
              oldest: promql`${max(metric("pg_database_wraparound_age_datfrozenxid_seconds"), "server")} / ${max(metric("pg_settings_autovacuum_freeze_max_age"), "server")}`,
            },
          }),
          "archive-age": stat({
            title: "Last archived WAL",
            description: "Age of the last archived segment; commits since then would be lost with all servers.",
            unit: "s",
            queries: {
              "{{server}}": promql`${metric("pg_stat_archiver_last_archive_age")} and on (server) ${isPrimary}`,
            },
          }),
          "last-backup": stat({
            title: "Last backup",
            description: "Time since the newest backup of any kind; a restore replays, or loses, what came after it.",
            unit: "s",
            queries: { newest: age(max(metric("howdah_backup_last_success_timestamp_seconds"))) },
            detail: { title: "Backups", dashboard: "backups", variables: {} },
          }),
          "last-drill": stat({
            title: "Last restore drill",
            description: "Time since a restore last succeeded, in percent of the time after which it is overdue.",
            unit: "percent",
            marks: above("DrillOverdue"),
            queries: {
              newest: percent(
                age(max(metric("howdah_drill_last_success_timestamp_seconds"))),
                max(metric("howdah_drill_overdue_seconds")),
              ),
            },
          }),
          "first-moment": stat({
            title: "First restorable moment",
            description: "Earliest moment that a restore can reach; anything before it is gone.",
            unit: "s",
            queries: { "time back": age(min(metric("howdah_recovery_window_start_timestamp_seconds"))) },
          }),
        },
      ],
    },
    {
      title: "Load",
      lines: [
        {
          transactions: timeseries({
            title: "Transactions",
            description: "Commits and rollbacks a second; a sudden drop means that applications hang or have gone.",
            unit: "ops",
            queries: {
              "{{server}} commits": ofMetric(commits, "server"),
              "{{server}} rollbacks": ofMetric(rollbacks, "server"),
            },
          }),
          sessions: timeseries({
            title: "Sessions",
            description: "Sessions by state; many that are idle in a transaction hold locks and keep dead rows.",
            unit: "short",
            stacked: true,
            queries: { "{{state}}": sum(metric("pg_stat_activity_count"), "state") },
          }),
          "cache-hits": timeseries({
            title: "Cache hits",
            description: "Blocks that were in shared buffers, in percent; below the lines, queries wait for the disk.",
            unit: "percent",
            max: 100,
            marks: below("CacheHitLow"),
            queries: { "{{server}}": promql`${cacheHits}` },
          }),
        },
        {
          blocks: timeseries({
            title: "Blocks",
            description: "Blocks that statements use a second; more of them without more transactions is a worse plan.",
            unit: "ops",
            queries: { "{{server}}": promql`${blocks}` },
          }),
          memory: timeseries({
            title: "Available memory",
            description: "Memory that programs can still get; near none, the kernel ends processes.",
            unit: "percent",
            marks: below("MemoryLow"),
            max: 100,
            queries: { "{{host}}": promql`${memoryAvailable}` },
          }),
          size: timeseries({
            title: "Database size",
            description:
              "Disk space of the databases; growth that does not follow the load is bloat, or forgotten data.",
            unit: "bytes",
            stacked: true,
            queries: { "{{datname}}": max(metric("pg_database_size_bytes"), "datname") },
          }),
        },
      ],
    },
    configuration,
    monitoringItself,
  ],
});
