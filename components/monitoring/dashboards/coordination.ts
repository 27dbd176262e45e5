import { metric, minutes, promql, type Selector } from "../expression";
import { age, max, min, percent, sum } from "./kit/expressions";
import { dashboard, row, stat, stateTimeline, timeseries, upDown } from "./kit/model";
import { etcd } from "./rows/coordination-etcd";
import { above, below, from } from "./kit/thresholds";

const ofBackend = (facts: Selector) => max(facts, "proxy");

const patroni = row({
  title: "Patroni",
  lines: [
    {
      patroni: stateTimeline({
        title: "Patroni",
        description: "Whether Patroni of a server answers; without it, the server cannot take over.",
        unit: "none",
        states: upDown,
        marks: below("PatroniDown"),
        queries: { "{{server}}": metric("up", { job: "patroni" }) },
      }),
      "patroni-postgres": stateTimeline({
        title: "PostgreSQL under Patroni",
        description: "Whether Patroni gets PostgreSQL to run; if not, the service has one server less.",
        unit: "none",
        states: { 0: "not running", 1: "running" },
        marks: below("PatroniPostgresNotRunning"),
        queries: { "{{server}}": metric("patroni_postgres_running") },
      }),
      leader: stateTimeline({
        title: "Leader",
        description: "Server that holds the leader key; if none does, none takes over from a primary that fails.",
        unit: "none",
        states: { 0: { text: "follows", color: "green" }, 1: { text: "leads", color: "blue" } },
        queries: { "{{server}}": metric("patroni_primary") },
      }),
    },
    {
      unlocked: stat({
        title: "Without a leader",
        description:
          "Whether a server says that no one holds the leader key; for longer than its life, something is wrong.",
        unit: "bool_yes_no",
        marks: from("ClusterUnlocked"),
        queries: { "{{scope}}": max(metric("patroni_cluster_unlocked"), "scope") },
      }),
      failsafe: stat({
        title: "Failsafe mode",
        description: "Whether the primary goes on without etcd; a failure of the primary would stop writes.",
        unit: "bool_yes_no",
        marks: from("FailsafeActive"),
        queries: { "{{scope}}": max(metric("patroni_failsafe_mode_is_active"), "scope") },
      }),
      pauses: stat({
        title: "Paused",
        description: "Whether automatic failover is off; if the primary fails, writes stop until an operator acts.",
        unit: "bool_yes_no",
        marks: from("PatroniPaused"),
        queries: { "{{scope}}": max(metric("patroni_is_paused"), "scope") },
      }),
      "pending-restart": stat({
        title: "Waits for a restart",
        description:
          "Whether a server needs a restart to use its configuration; until then it differs from what is declared.",
        unit: "bool_yes_no",
        marks: from("PatroniPendingRestart"),
        queries: { "{{server}}": metric("patroni_pending_restart") },
      }),
    },
    {
      dcs: timeseries({
        title: "Last contact with etcd",
        description: "Time since Patroni last reached etcd; a primary gives up its role if it takes too long.",
        unit: "s",
        marks: above("DcsStale"),
        queries: { "{{server}}": age(metric("patroni_dcs_last_seen")) },
      }),
      positions: timeseries({
        title: "Received and not replayed",
        description: "WAL that a replica has received but not replayed; a promotion has to replay it first.",
        unit: "bytes",
        queries: {
          "{{server}}": promql`${metric("patroni_xlog_received_location")} - ${metric("patroni_xlog_replayed_location")}`,
        },
      }),
    },
  ],
});

const haproxy = row({
  title: "HAProxy",
  lines: [
    {
      "haproxy-up": stateTimeline({
        title: "HAProxy",
        description: "Whether HAProxy answers; without it, the pooler reaches no server.",
        unit: "none",
        states: upDown,
        marks: below("HaproxyDown"),
        queries: { "{{instance}}": metric("up", { job: "haproxy" }) },
      }),
      haproxy: timeseries({
        title: "Servers of the backends",
        description: "Servers that HAProxy leads clients to; none for the primary means that writes reach no server.",
        unit: "short",
        marks: below("HaproxyNoWriter", "HaproxyNoReader"),
        queries: { "{{proxy}}": ofBackend(metric("haproxy_backend_active_servers")) },
      }),
      "haproxy-servers": stateTimeline({
        title: "Servers as HAProxy sees them",
        description: "Whether a server's checks succeed; each backend has those in another role down.",
        unit: "none",
        states: { 0: { text: "down", color: "text" }, 1: { text: "up", color: "green" } },
        queries: { "{{proxy}} {{server}}": max(metric("haproxy_server_status", { state: "UP" }), "proxy", "server") },
      }),
    },
    {
      "haproxy-checks": timeseries({
        title: "Servers going down",
        description:
          "Times in five minutes that a server went down; if it flaps, its clients lose their sessions each time.",
        unit: "short",
        marks: above("HaproxyFlapping"),
        queries: {
          "{{proxy}} {{server}}": sum(
            promql`increase(${metric("haproxy_server_check_up_down_total").over(minutes(5))})`,
            "proxy",
            "server",
          ),
        },
      }),
      "haproxy-sessions": timeseries({
        title: "Sessions of frontends",
        description: "Sessions in percent of the limit; at 100 further ones have to wait.",
        unit: "percent",
        marks: above("HaproxySessionsFull"),
        queries: {
          "{{proxy}}": percent(metric("haproxy_frontend_current_sessions"), metric("haproxy_frontend_limit_sessions")),
        },
      }),
      "haproxy-server-sessions": timeseries({
        title: "Sessions of servers",
        description:
          "Sessions that HAProxy has open at each server; replicas that share reads unevenly are not all in use.",
        unit: "short",
        stacked: true,
        queries: { "{{proxy}} {{server}}": sum(metric("haproxy_server_current_sessions"), "proxy", "server") },
      }),
    },
  ],
});

const supervisor = row({
  title: "Services",
  lines: [
    {
      services: stateTimeline({
        title: "Services",
        description: "Services of the supervisor that run; what depends on one that does not fails.",
        unit: "none",
        states: upDown,
        marks: below("ServiceDown"),
        queries: { "{{service}}": min(metric("howdah_service_up"), "service") },
      }),
      restarts: timeseries({
        title: "Restarts of services",
        description: "Starts in ten minutes; a service that keeps ending fails now and then.",
        unit: "short",
        marks: above("ServiceFlapping"),
        queries: { "{{service}}": promql`increase(${metric("howdah_service_restarts_total").over(minutes(10))})` },
      }),
    },
  ],
});

export const coordination = dashboard({
  title: "Coordination",
  about: "Patroni, etcd, HAProxy and the supervisor: whether a failover would work.",
  rows: [patroni, etcd, haproxy, supervisor],
});
