import type { serviceAlerts } from "../../../../components/monitoring/alerts/service";
import { age, buckets, rise, value } from "../waves";
import { type Cases, node1, of } from "./case";

const node2 = { server: "node2" } as const;
const node3 = { server: "node3" } as const;

export const serviceCases: Cases<keyof typeof serviceAlerts> = {
  PostgresDown: { critical: of(node1, value("pg_up", node1, [1, 0])) },
  NoWriter: {
    critical: of(
      {},
      value("pg_up", node1, 1),
      value("pg_replication_is_replica", node1, [0, 1]),
      value("pg_up", node2, 1),
      value("pg_replication_is_replica", node2, 1),
    ),
  },
  SplitBrain: {
    critical: of(
      {},
      value("pg_replication_is_replica", node1, 0),
      value("pg_replication_is_replica", node2, [1, 0]),
      value("pg_replication_is_replica", node3, 1),
    ),
  },
  WriteProbeFailing: {
    critical: of(
      { route: "read-write" },
      value("howdah_probe_success", { route: "read-write" }, [1, 0]),
      value("howdah_probe_success", { route: "read-only" }, 0),
    ),
  },
  ReadProbeFailing: {
    warning: of(
      { route: "read-only" },
      value("howdah_probe_success", { route: "read-only" }, [1, 0]),
      value("howdah_probe_success", { route: "read-write" }, 0),
    ),
  },
  ProbeLatency: {
    // In 20 probes, one that takes longer than 0.1 s is what is allowed.
    warning: of(
      { route: "read-write" },
      buckets(
        "howdah_probe_duration_seconds",
        { route: "read-write" },
        { "0.1": [0.1901, 0.1899], "1": 0.2, "+Inf": 0.2 },
      ),
    ),
  },
  MembersMissing: {
    critical: of({}, value("pg_up", node1, 1), value("pg_up", node2, [1, 0]), value("pg_up", node3, 0)),
    warning: of({}, value("pg_up", node1, 1), value("pg_up", node2, 1), value("pg_up", node3, [1, 0])),
  },
  PostgresRestarted: { info: of(node1, age("pg_postmaster_start_time_seconds", node1, [300, 299])) },
  FailoverHappened: { info: of({}, rise("howdah_timeline", node1, [0, 1 / 60])) },
  FailoverFlapping: {
    critical: of({}, rise("howdah_timeline", node1, [4.9 / 3600, 5.1 / 3600])),
    warning: of({}, rise("howdah_timeline", node1, [1.9 / 3600, 2.1 / 3600])),
  },
};
