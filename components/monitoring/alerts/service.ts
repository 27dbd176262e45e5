import { buckets, hours, isPrimary, metric, minutes, promql } from "../expression";
import { area } from "./alert";

/** Servers that answer, and take writes. */
const writable = promql`count(${isPrimary})`;

const timeline = metric("howdah_timeline");

/** What users notice first: no server, no writes, no answer in time. */
export const serviceAlerts = area({
  PostgresDown: {
    nature: "cause",
    summary: "PostgreSQL on {{ $labels.server }} accepts no connections: the service has one server less.",
    panel: "overview/server-states",
    levels: { critical: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${metric("pg_up")} < ${limit}`,
    hiddenBy: { NoWriter: [] },
    quietDuringWork: true,
  },
  NoWriter: {
    nature: "symptom",
    summary: "No server accepts writes: applications cannot save anything.",
    panel: "overview/writer",
    levels: { critical: { limit: 1, for: ({ rto }) => rto } },
    // Without a collector nothing is known: that is for MetricsMissing to say.
    expr: (limit) => promql`(${writable} or ${0} * count(${metric("pg_up")})) < ${limit}`,
  },
  SplitBrain: {
    nature: "symptom",
    summary: "More than one server accepts writes: what applications save now may contradict itself and be lost.",
    panel: "replication/primaries",
    // In a switchover, what was seen of the old primary may be older than what was seen of the new one, by two scrapes at most.
    levels: { critical: { limit: 1, for: 20, keep: minutes(15) } },
    expr: (limit) => promql`${writable} > ${limit}`,
    // A cloud's service keeps its old writer off by itself, and names that move with the role would be counted twice.
    needs: ["patroni"],
  },
  WriteProbeFailing: {
    nature: "symptom",
    summary: "Writes through the pooler fail: applications see errors.",
    panel: "overview/probes",
    levels: { critical: { limit: 1, for: ({ rto }) => Math.min(rto, 30) } },
    expr: (limit) => promql`${metric("howdah_probe_success", { route: "read-write" })} < ${limit}`,
  },
  ReadProbeFailing: {
    nature: "symptom",
    summary: "Reads through the pooler's read-only databases fail: applications that only read see errors.",
    panel: "overview/probes",
    levels: { warning: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${metric("howdah_probe_success", { route: "read-only" })} < ${limit}`,
  },
  ProbeLatency: {
    nature: "symptom",
    summary:
      "A simple {{ $labels.route }} statement takes longer than promised for one request in twenty: applications feel slow.",
    panel: "overview/latency",
    levels: { warning: { limit: ({ latency }) => latency, for: minutes(5), keep: minutes(5) } },
    expr: (limit) =>
      promql`histogram_quantile(${0.95}, sum by (route, le) (rate(${buckets("howdah_probe_duration_seconds").over(minutes(5))}))) > ${limit}`,
  },
  MembersMissing: {
    nature: "cause",
    summary: "Fewer servers run than the configuration declares: the next failure may stop the service.",
    panel: "overview/servers",
    levels: {
      // One that is left has no one to take over; a stack of one server has no other state.
      critical: { limit: ({ servers }) => (servers > 1 ? 2 : 0), for: minutes(1) },
      warning: { limit: ({ servers }) => servers, for: minutes(5) },
    },
    expr: (limit) => promql`sum(${metric("pg_up")}) < ${limit}`,
    hiddenBy: { NoWriter: [] },
    quietDuringWork: true,
  },
  PostgresRestarted: {
    nature: "cause",
    summary: "PostgreSQL on {{ $labels.server }} has just started: its sessions were lost, and its cache is cold.",
    panel: "overview/uptime",
    levels: { info: { limit: minutes(5), for: 0 } },
    expr: (limit) => promql`time() - ${metric("pg_postmaster_start_time_seconds")} < ${limit}`,
    quietDuringWork: true,
  },
  FailoverHappened: {
    nature: "cause",
    summary: "Another server has become the primary: writes paused, and open sessions were lost.",
    panel: "replication/timeline",
    levels: { info: { limit: 0, for: 0 } },
    expr: (limit) => promql`max(${timeline}) - max(${timeline.ago(minutes(5))}) > ${limit}`,
    quietDuringWork: true,
  },
  FailoverFlapping: {
    nature: "cause",
    summary: "The primary keeps changing: applications lose their sessions again and again.",
    panel: "replication/timeline",
    levels: { critical: { limit: 5, for: 0 }, warning: { limit: 2, for: 0 } },
    // The newest of all servers' oldest: a replica that was down an hour ago says nothing of the others.
    expr: (limit) => promql`max(${timeline}) - max(min_over_time(${timeline.over(hours(1))})) > ${limit}`,
  },
});
