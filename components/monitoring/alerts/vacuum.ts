import { GB, MB } from "../../../lib/units";
import {
  days,
  type Expression,
  hours,
  labelled,
  isPrimary,
  metric,
  minutes,
  promql,
  type Selector,
  union,
} from "../expression";
import { area } from "./alert";

const fewRows = 10_000;
const smallIndex = 200 * MB;
const largeIndexBloat = 2 * GB;

/** The smaller of a multiple of the age at which vacuum begins to freeze, and the age at which it drops all restraint. */
const ageLimit = (multiple: number, freeze: Selector, failsafe: Selector): Expression =>
  promql`min by (server) (${union([
    labelled(promql`${multiple} * ${freeze}`, "name", "freeze"),
    labelled(failsafe, "name", "failsafe"),
  ])})`;

/** Facts of a schema are the same on all servers. */
const ofDatabase = (facts: Selector): Expression => promql`max by (datname) (${facts})`;

/** Vacuum, and what in a schema wears out. */
export const vacuumAlerts = area({
  XidAge: {
    nature: "cause",
    summary:
      "Vacuum does not keep up with the transaction IDs of {{ $labels.datname }}: in the end the database stops writes.",
    panel: "vacuum/xid-age",
    levels: { critical: { limit: 4, for: minutes(5) }, warning: { limit: 2, for: minutes(5) } },
    expr: (limit) =>
      promql`${metric("pg_database_wraparound_age_datfrozenxid_seconds")} > on (server) group_left () ${ageLimit(
        limit,
        metric("pg_settings_autovacuum_freeze_max_age"),
        metric("pg_settings_vacuum_failsafe_age"),
      )}`,
  },
  MultixactAge: {
    nature: "cause",
    summary:
      "Vacuum does not keep up with the row locks of {{ $labels.datname }}: in the end the database stops writes.",
    panel: "vacuum/multixact-age",
    levels: { critical: { limit: 4, for: minutes(5) }, warning: { limit: 2, for: minutes(5) } },
    expr: (limit) =>
      promql`${metric("pg_database_wraparound_age_datminmxid_seconds")} > on (server) group_left () ${ageLimit(
        limit,
        metric("pg_settings_autovacuum_multixact_freeze_max_age"),
        metric("pg_settings_vacuum_multixact_failsafe_age"),
      )}`,
  },
  VacuumOverdue: {
    nature: "cause",
    summary:
      "Table {{ $labels.schemaname }}.{{ $labels.relname }} in {{ $labels.datname }} should have been vacuumed long ago: it grows, and queries on it slow down.",
    panel: "vacuum/queue",
    levels: { warning: { limit: 2, for: hours(1) } },
    expr: (limit) =>
      promql`${metric("howdah_table_vacuum_urgency")} > ${limit} and ${metric("pg_stat_user_tables_n_dead_tup")} > ${fewRows}`,
  },
  AutovacuumSaturated: {
    nature: "cause",
    summary:
      "All autovacuum workers of {{ $labels.server }} are busy while tables wait: tables grow, and queries slow down.",
    panel: "vacuum/workers",
    levels: { warning: { limit: 100, for: minutes(30) } },
    expr: (limit) => {
      const used = promql`${100} * ${metric("howdah_autovacuum_workers")} / ${metric("pg_settings_autovacuum_max_workers")}`;
      return promql`${used} >= ${limit} and on (server) sum by (server) (${metric("howdah_tables_vacuum_due")}) > ${0}`;
    },
  },
  AutovacuumOff: {
    nature: "cause",
    summary: "Autovacuum is disabled for tables in {{ $labels.datname }}: they grow without end.",
    panel: "vacuum/disabled",
    levels: { warning: { limit: 0, for: days(1) } },
    expr: (limit) => promql`${ofDatabase(metric("howdah_tables_autovacuum_disabled"))} > ${limit}`,
  },
  TableBloat: {
    nature: "cause",
    summary:
      "Most of table {{ $labels.schemaname }}.{{ $labels.relname }} in {{ $labels.datname }} is empty space: queries read more than they need.",
    panel: "tables/bloat",
    levels: { warning: { limit: 50, for: hours(1) } },
    expr: (limit) => {
      const share = promql`${100} * max by (datname, schemaname, relname) (${metric("howdah_table_bloat_ratio")})`;
      const size = promql`max by (datname, schemaname, relname) (${metric("howdah_table_bloat_bytes")})`;
      return promql`${share} > ${limit} and ${size} > ${GB}`;
    },
  },
  IndexBloat: {
    nature: "cause",
    summary:
      "Much of index {{ $labels.indexrelname }} in {{ $labels.datname }} is empty space: queries read more than they need.",
    panel: "tables/index-bloat",
    levels: { warning: { limit: 50, for: hours(1) } },
    expr: (limit) => {
      const of = (facts: Selector) => promql`max by (datname, schemaname, relname, indexrelname) (${facts})`;
      const share = promql`${100} * ${of(metric("howdah_index_bloat_ratio"))}`;
      const size = of(metric("howdah_index_bloat_bytes"));
      return promql`(${share} >= ${limit} and ${size} >= ${smallIndex}) or (${share} and ${size} >= ${largeIndexBloat})`;
    },
  },
  IndexInvalid: {
    nature: "cause",
    summary: "An index in {{ $labels.datname }} was only partly built: it slows writes down and serves no reads.",
    panel: "tables/invalid-indexes",
    levels: { warning: { limit: 0, for: hours(1) } },
    expr: (limit) =>
      promql`${ofDatabase(metric("howdah_indexes_invalid"))} > ${limit} unless ${ofDatabase(metric("howdah_index_builds"))} > ${0}`,
  },
  SequenceExhaustion: {
    nature: "cause",
    summary:
      "Sequence {{ $labels.schemaname }}.{{ $labels.sequencename }} in {{ $labels.datname }} comes to its end: then inserts fail.",
    panel: "tables/sequences",
    levels: { critical: { limit: 90, for: 0 }, warning: { limit: 75, for: 0 } },
    expr: (limit) =>
      promql`${100} * max by (datname, schemaname, sequencename) (${metric("howdah_sequence_used_ratio")}) > ${limit}`,
  },
  IntegerKeyExhaustion: {
    nature: "cause",
    summary:
      "Column {{ $labels.relname }}.{{ $labels.attname }} in {{ $labels.datname }} needs a larger type: without it, inserts fail one day.",
    panel: "tables/integer-keys",
    levels: { critical: { limit: 75, for: 0 }, warning: { limit: 50, for: 0 } },
    expr: (limit) =>
      promql`${100} * max by (datname, schemaname, relname, attname) (${metric("howdah_integer_key_used_ratio")}) > ${limit}`,
  },
  DisabledTriggers: {
    nature: "cause",
    summary: "Triggers in {{ $labels.datname }} are disabled: rows may not be what applications expect.",
    panel: "tables/triggers",
    levels: { info: { limit: 0, for: hours(1) } },
    expr: (limit) => promql`${ofDatabase(metric("howdah_triggers_disabled"))} > ${limit}`,
  },
  UnloggedTables: {
    nature: "cause",
    summary: "Tables in {{ $labels.datname }} are unlogged: after a crash or a failover they are empty.",
    panel: "tables/unlogged",
    levels: { info: { limit: 0, for: hours(1) } },
    expr: (limit) => promql`${ofDatabase(metric("howdah_tables_unlogged"))} > ${limit}`,
  },
  NeverAnalyzed: {
    nature: "cause",
    summary:
      "Large tables in {{ $labels.datname }} have never been analyzed: the planner guesses, and queries may be slow.",
    panel: "vacuum/never-analyzed",
    levels: { warning: { limit: 0, for: days(1) } },
    // A replica keeps no statistics of its own about tables; on the primary they are whole.
    expr: (limit) => promql`${metric("howdah_tables_never_analyzed")} > ${limit} and on (server) ${isPrimary}`,
  },
});
