import type { vacuumAlerts } from "../../../../components/monitoring/alerts/vacuum";
import { value, type Wave } from "../waves";
import { type Cases, node1, of } from "./case";

const node2 = { server: "node2" } as const;
const database = { ...node1, datname: "app" } as const;
const table = { ...database, schemaname: "public", relname: "orders" } as const;
const index = { ...table, indexrelname: "orders_pkey" } as const;
const megabyte = 1_048_576;

const xid = (age: readonly [number, number], freeze: number) =>
  of(
    database,
    value("pg_database_wraparound_age_datfrozenxid_seconds", database, age),
    value("pg_settings_autovacuum_freeze_max_age", node1, freeze),
    value("pg_settings_vacuum_failsafe_age", node1, 1_600_000_000),
    // A server whose settings are not known.
    value("pg_database_wraparound_age_datfrozenxid_seconds", { ...node2, datname: "app" }, 2_000_000_000),
  );

const multixact = (age: readonly [number, number], freeze: number) =>
  of(
    database,
    value("pg_database_wraparound_age_datminmxid_seconds", database, age),
    value("pg_settings_autovacuum_multixact_freeze_max_age", node1, freeze),
    value("pg_settings_vacuum_multixact_failsafe_age", node1, 1_600_000_000),
  );

const indexBloat = (ratio: number, bytes: number, name: string): Wave[] => [
  value("howdah_index_bloat_ratio", { ...index, indexrelname: name }, ratio),
  value("howdah_index_bloat_bytes", { ...index, indexrelname: name }, bytes),
];

const ofDatabase = (
  name: "howdah_tables_autovacuum_disabled" | "howdah_triggers_disabled" | "howdah_tables_unlogged",
) => of({ datname: "app" }, value(name, database, [0, 1]), value(name, { ...node2, datname: "app" }, [0, 1]));

const sequence = (quiet: number, loud: number) =>
  of(
    { datname: "app", schemaname: "public", sequencename: "orders_id_seq" },
    value("howdah_sequence_used_ratio", { ...database, schemaname: "public", sequencename: "orders_id_seq" }, [
      quiet,
      loud,
    ]),
  );

const key = (quiet: number, loud: number) =>
  of(
    { datname: "app", schemaname: "public", relname: "orders", attname: "id" },
    value("howdah_integer_key_used_ratio", { ...table, attname: "id" }, [quiet, loud]),
  );

export const vacuumCases: Cases<keyof typeof vacuumAlerts> = {
  XidAge: {
    critical: xid([800_000_000, 800_000_001], 200_000_000),
    warning: xid([400_000_000, 400_000_001], 200_000_000),
  },
  MultixactAge: {
    // Four times the setting would be later than the failsafe.
    critical: multixact([1_600_000_000, 1_600_000_001], 500_000_000),
    warning: multixact([800_000_000, 800_000_001], 400_000_000),
  },
  VacuumOverdue: {
    warning: of(
      table,
      value("howdah_table_vacuum_urgency", table, [2, 2.1]),
      value("pg_stat_user_tables_n_dead_tup", table, 10_001),
      // A small one.
      value("howdah_table_vacuum_urgency", { ...table, relname: "colours" }, 9),
      value("pg_stat_user_tables_n_dead_tup", { ...table, relname: "colours" }, 10_000),
    ),
  },
  AutovacuumSaturated: {
    warning: of(
      node1,
      value("howdah_autovacuum_workers", node1, [2, 3]),
      value("pg_settings_autovacuum_max_workers", node1, 3),
      value("howdah_tables_vacuum_due", database, 1),
      // Busy, but none waits.
      value("howdah_autovacuum_workers", node2, 3),
      value("pg_settings_autovacuum_max_workers", node2, 3),
      value("howdah_tables_vacuum_due", { ...node2, datname: "app" }, 0),
    ),
  },
  AutovacuumOff: { warning: ofDatabase("howdah_tables_autovacuum_disabled") },
  TableBloat: {
    warning: of(
      { datname: "app", schemaname: "public", relname: "orders" },
      value("howdah_table_bloat_ratio", table, [0.5, 0.51]),
      value("howdah_table_bloat_bytes", table, 1024 * megabyte + 1),
      value("howdah_table_bloat_ratio", { ...table, relname: "small" }, 0.9),
      value("howdah_table_bloat_bytes", { ...table, relname: "small" }, 1024 * megabyte),
    ),
  },
  IndexBloat: {
    warning: of(
      { datname: "app", schemaname: "public", relname: "orders", indexrelname: "orders_pkey" },
      value("howdah_index_bloat_ratio", index, [0.49, 0.5]),
      value("howdah_index_bloat_bytes", index, 200 * megabyte),
      indexBloat(0.9, 199 * megabyte, "small"),
      indexBloat(0.1, 2047 * megabyte, "large"),
    ),
  },
  IndexInvalid: {
    warning: of(
      { datname: "app" },
      value("howdah_indexes_invalid", database, [0, 1]),
      value("howdah_index_builds", database, 0),
      // One that is being built.
      value("howdah_indexes_invalid", { ...node1, datname: "shop" }, 1),
      value("howdah_index_builds", { ...node1, datname: "shop" }, 1),
    ),
  },
  SequenceExhaustion: { critical: sequence(0.9, 0.91), warning: sequence(0.75, 0.76) },
  IntegerKeyExhaustion: { critical: key(0.75, 0.76), warning: key(0.5, 0.51) },
  DisabledTriggers: { info: ofDatabase("howdah_triggers_disabled") },
  UnloggedTables: { info: ofDatabase("howdah_tables_unlogged") },
  NeverAnalyzed: {
    warning: of(
      database,
      value("howdah_tables_never_analyzed", database, [0, 1]),
      value("pg_replication_is_replica", node1, 0),
      value("howdah_tables_never_analyzed", { ...node2, datname: "app" }, 1),
      value("pg_replication_is_replica", node2, 1),
    ),
  },
};
