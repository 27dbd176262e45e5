import type { replicationAlerts } from "../../../../components/monitoring/alerts/replication";
import { rise, value } from "../waves";
import { type Cases, node1, of } from "./case";

const node2 = { server: "node2" } as const;
const standby = { ...node1, application_name: "node2", client_addr: "10.0.0.2", state: "streaming" } as const;
const slot = { ...node1, slot_name: "node2", slot_type: "physical" } as const;
const kept = { ...node1, slot_name: "node2" } as const;
const subscription = { ...node1, datname: "app", subname: "orders" } as const;
const limit = value("pg_settings_max_slot_wal_keep_size_bytes", node1, 1000);
const unlimited = value("pg_settings_max_slot_wal_keep_size_bytes", node2, -1);

const errors = (quiet: number, loud: number) =>
  of(
    subscription,
    rise("howdah_subscription_apply_errors_total", subscription, [quiet / 900, loud / 900]),
    rise("howdah_subscription_sync_errors_total", subscription, 0),
  );

export const replicationCases: Cases<keyof typeof replicationAlerts> = {
  ReplicationLagSeconds: {
    critical: of(node1, value("pg_replication_lag_seconds", node1, [60, 61])),
    warning: of(node1, value("pg_replication_lag_seconds", node1, [5, 6])),
  },
  ReplicationLagBytes: {
    critical: of(
      { ...node1, application_name: "node2" },
      value("pg_stat_replication_pg_wal_lsn_diff", standby, [1_073_741_824, 1_073_741_825]),
    ),
    warning: of(
      { ...node1, application_name: "node2" },
      value("pg_stat_replication_pg_wal_lsn_diff", standby, [104_857_600, 104_857_601]),
    ),
  },
  LagGrowing: {
    warning: of(
      node1,
      rise("pg_replication_lag_seconds", node1, [0, 0.1]),
      // Behind, but catching up.
      value("pg_replication_lag_seconds", node2, 100),
    ),
  },
  SlotInactive: {
    warning: of(
      slot,
      value("pg_replication_slots_slot_is_active", slot, [1, 0]),
      value("pg_replication_is_replica", node1, 0),
      // Patroni's slots for other members, on a replica.
      value("pg_replication_slots_slot_is_active", { ...slot, ...node2 }, 0),
      value("pg_replication_is_replica", node2, 1),
    ),
  },
  SlotRetainedWal: {
    critical: of(
      kept,
      limit,
      unlimited,
      value("pg_replication_slots_pg_wal_lsn_diff", kept, [800, 801]),
      value("pg_replication_slots_pg_wal_lsn_diff", { ...kept, ...node2 }, 9999),
    ),
    warning: of(kept, limit, value("pg_replication_slots_pg_wal_lsn_diff", kept, [500, 501])),
  },
  SlotLost: {
    critical: of(
      { ...slot, wal_status: "lost" },
      value("pg_replication_slots_wal_status", { ...slot, wal_status: "lost" }, [undefined, 1]),
      value("pg_replication_slots_wal_status", { ...slot, wal_status: "unreserved" }, [1, undefined]),
    ),
    warning: of(
      { ...slot, wal_status: "unreserved" },
      value("pg_replication_slots_wal_status", { ...slot, wal_status: "unreserved" }, [undefined, 1]),
      value("pg_replication_slots_wal_status", { ...slot, wal_status: "extended" }, [1, undefined]),
    ),
  },
  StandbyConflicts: {
    warning: of(
      node1,
      rise("pg_stat_database_conflicts", { ...node1, datid: "1", datname: "app" }, [0.05, 0.06]),
      rise("pg_stat_database_conflicts", { ...node1, datid: "2", datname: "shop" }, 0.05),
    ),
  },
  LogicalApplyErrors: { critical: errors(4.5, 5), warning: errors(0.9, 1) },
  LogicalLag: {
    critical: of(subscription, value("howdah_subscription_lag_seconds", subscription, [300, 301])),
    warning: of(subscription, value("howdah_subscription_lag_seconds", subscription, [120, 121])),
  },
};
