import { hours, isPrimary, metric, promql, type Selector } from "../expression";
import { age, max, percent, rate, sum, top } from "./kit/expressions";
import { barGauge, dashboard, stat, stateTimeline, table, timeseries } from "./kit/model";
import { detail, legend, ofDatabase, relation } from "./rows/tables-labels";
import { above, from } from "./kit/thresholds";

const xidAge = metric("pg_database_wraparound_age_datfrozenxid_seconds");
const multixactAge = metric("pg_database_wraparound_age_datminmxid_seconds");
/** As a multiple of the age at which vacuum begins to freeze. */
const multiple = (found: Selector, freeze: Selector) => promql`${found} / on (server) group_left () ${freeze}`;
const scanned = metric("pg_stat_progress_vacuum_heap_blks_scanned");
const xids = promql`rate(${metric("pg_txid_current").over(hours(1))})`;
const left = promql`(${metric("pg_settings_vacuum_failsafe_age")} - on (server) ${max(xidAge, "server")})`;

export const vacuum = dashboard({
  title: "Vacuum",
  about: "Whether vacuum keeps up: with dead rows, and with the age of transaction IDs.",
  rows: [
    {
      title: "Autovacuum",
      lines: [
        {
          queue: timeseries({
            title: "Dead rows against the trigger",
            description:
              "Dead rows as a multiple of those at which autovacuum starts; a table above the line for an hour is overdue.",
            unit: "short",
            marks: above("VacuumOverdue"),
            queries: { [legend]: top(max(metric("howdah_table_vacuum_urgency"), ...relation)) },
            detail,
          }),
          due: timeseries({
            title: "Tables that wait",
            description:
              "Tables that wait for autovacuum; if they only grow in number, there are too few workers or they are too slow.",
            unit: "short",
            stacked: true,
            queries: { "{{datname}}": ofDatabase(metric("howdah_tables_vacuum_due")) },
          }),
          workers: timeseries({
            title: "Workers",
            description:
              "Autovacuum workers that run, in percent of all; at 100 for half an hour while tables wait, they do not suffice.",
            unit: "percent",
            max: 100,
            marks: from("AutovacuumSaturated"),
            queries: {
              "{{server}}": percent(metric("howdah_autovacuum_workers"), metric("pg_settings_autovacuum_max_workers")),
            },
          }),
        },
        {
          progress: barGauge({
            title: "Progress",
            description:
              "Blocks that running vacuums have scanned, in percent; one that stands still waits for a lock or a pin.",
            unit: "percent",
            max: 100,
            queries: {
              "{{server}} {{datname}} {{relname}}": percent(scanned, metric("pg_stat_progress_vacuum_heap_blks")),
            },
          }),
          phases: table({
            title: "Running vacuums",
            description:
              "Phase of each vacuum, and its rounds over the indexes; more than one round means too little maintenance_work_mem.",
            labels: { server: "Server", datname: "Database", relname: "Table", phase: "Phase" },
            values: {
              "Rounds over indexes": {
                expr: max(
                  promql`(${metric("pg_stat_progress_vacuum_phase")} == ${1}) * on (server, datname, relname) group_left () ${metric("pg_stat_progress_vacuum_index_vacuums")}`,
                  "server",
                  "datname",
                  "relname",
                  "phase",
                ),
                unit: "short",
              },
            },
            sort: "Rounds over indexes",
          }),
          runs: timeseries({
            title: "Autovacuums",
            description: "Autovacuums a second; none at all while dead rows rise means that it is off, or blocked.",
            unit: "cps",
            queries: { "{{datname}}": sum(rate(metric("pg_stat_user_tables_autovacuum_count")), "datname") },
          }),
        },
        {
          "dead-rows": timeseries({
            title: "Dead rows",
            description: "Dead rows, in the tables with most of them; queries read them in vain.",
            unit: "short",
            queries: { [legend]: top(max(metric("pg_stat_user_tables_n_dead_tup"), ...relation)) },
            detail,
          }),
          "last-vacuum": table({
            title: "Last autovacuum and ANALYZE",
            description:
              "Time since autovacuum and automatic ANALYZE; a table with many changes and an old ANALYZE gets bad plans.",
            labels: { datname: "Database", schemaname: "Schema", relname: "Table" },
            values: {
              "Changed since ANALYZE": {
                expr: max(metric("pg_stat_user_tables_n_mod_since_analyze"), ...relation),
                unit: "short",
              },
              Vacuum: {
                expr: age(promql`${max(promql`${metric("pg_stat_user_tables_last_autovacuum")} > ${0}`, ...relation)}`),
                unit: "s",
              },
              ANALYZE: {
                expr: age(
                  promql`${max(promql`${metric("pg_stat_user_tables_last_autoanalyze")} > ${0}`, ...relation)}`,
                ),
                unit: "s",
              },
            },
            sort: "Changed since ANALYZE",
            detail,
          }),
        },
        {
          disabled: stat({
            title: "Tables without autovacuum",
            description: "Tables for which autovacuum is disabled; they grow without end.",
            unit: "short",
            marks: above("AutovacuumOff"),
            queries: { "{{datname}}": ofDatabase(metric("howdah_tables_autovacuum_disabled")) },
          }),
          "never-analyzed": stat({
            title: "Tables never analyzed",
            description: "Large tables that have never been analyzed; the planner guesses.",
            unit: "short",
            marks: above("NeverAnalyzed"),
            // A replica keeps no statistics of its own about tables.
            queries: {
              "{{datname}}": max(
                promql`${metric("howdah_tables_never_analyzed")} and on (server) ${isPrimary}`,
                "datname",
              ),
            },
          }),
          "index-builds": stateTimeline({
            title: "Index builds",
            description: "Whether indexes are being built; autovacuum leaves their tables alone meanwhile.",
            unit: "none",
            states: { 0: { text: "none", color: "green" } },
            queries: { "{{datname}}": sum(metric("howdah_index_builds"), "datname") },
          }),
        },
      ],
    },
    {
      title: "Age of transaction IDs",
      lines: [
        {
          "xid-age": timeseries({
            title: "Transaction IDs",
            description:
              "Age of the oldest transaction ID as a multiple of autovacuum_freeze_max_age; in the end the database stops writes.",
            unit: "short",
            marks: above("XidAge"),
            queries: { "{{server}} {{datname}}": multiple(xidAge, metric("pg_settings_autovacuum_freeze_max_age")) },
          }),
          "multixact-age": timeseries({
            title: "Multixact IDs",
            description:
              "Age of the oldest multixact ID as a multiple of its freeze age; in the end the database stops writes.",
            unit: "short",
            marks: above("MultixactAge"),
            queries: {
              "{{server}} {{datname}}": multiple(
                multixactAge,
                metric("pg_settings_autovacuum_multixact_freeze_max_age"),
              ),
            },
          }),
        },
        {
          "xmin-horizon": timeseries({
            title: "What keeps dead rows",
            description:
              "Age of the oldest snapshot by its holder, in percent of autovacuum_freeze_max_age; dead rows since then stay.",
            unit: "percent",
            marks: above("XminHorizonHeld"),
            queries: {
              "{{server}} {{holder}}": promql`${100} * ${metric("howdah_xmin_horizon_age")} / on (server) group_left () ${metric("pg_settings_autovacuum_freeze_max_age")}`,
            },
          }),
          "xid-rate": timeseries({
            title: "Transaction IDs used",
            description: "Transaction IDs a second; the more, the sooner tables have to be frozen again.",
            unit: "cps",
            queries: { "{{server}}": rate(metric("pg_txid_current")) },
          }),
          "until-failsafe": stat({
            title: "Time to the failsafe",
            description:
              "Time until vacuum drops all restraint, at the rate of the last hour; less than a week calls for action.",
            unit: "s",
            queries: { "{{server}}": promql`${left} / on (server) (${xids} > ${0})` },
          }),
        },
        {
          "oldest-tables": table({
            title: "Oldest tables",
            description:
              "Tables by the age of their oldest transaction ID; those at the top decide the age of the database.",
            labels: { datname: "Database", schemaname: "Schema", relname: "Table" },
            values: {
              Age: { expr: max(metric("howdah_table_xid_age"), ...relation), unit: "short" },
              Size: { expr: max(metric("pg_stat_user_tables_table_size_bytes"), ...relation), unit: "bytes" },
            },
            sort: "Age",
            detail,
          }),
        },
      ],
    },
  ],
});
