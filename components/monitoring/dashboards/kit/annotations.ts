import type { AnnotationQuery } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Expression, metric, promql, type Selector } from "../../expression";
import { max } from "./expressions";
import { datasource } from "./variables";

interface Event {
  readonly name: string;
  readonly expr: Expression;
  readonly title: string;
  readonly color: string;
  /** True if readers switch it on when they want it. Default: it is shown. */
  readonly off?: true;
}

const changed = (selector: Selector): Expression => promql`changes(${selector.over("$__rate_interval")}) > ${0}`;

const events: readonly Event[] = [
  {
    name: "Failovers",
    // The old primary changes, too, once it is back as a replica.
    expr: promql`${changed(metric("pg_replication_is_replica"))} and ${metric("pg_replication_is_replica")} == ${0}`,
    title: "{{server}} became the primary",
    color: "red",
  },
  {
    name: "Restarts",
    expr: changed(metric("pg_postmaster_start_time_seconds")),
    title: "PostgreSQL on {{server}} was started",
    color: "orange",
  },
  {
    name: "Planned work",
    expr: promql`${max(metric("howdah_planned_work"), "work")} > ${0}`,
    title: "Planned work: {{work}}",
    color: "blue",
  },
  {
    name: "Backups",
    expr: changed(metric("howdah_backup_run_timestamp_seconds")),
    title: "Backup finished: {{tier}}",
    color: "green",
    off: true,
  },
  {
    name: "Alerts",
    expr: max(metric("ALERTS", { alertstate: "firing", severity: ["critical", "warning"] }), "alertname", "severity"),
    title: "{{alertname}} ({{severity}})",
    color: "purple",
    off: true,
  },
];

/** What happened, as lines across all panels: of the whole stack, whatever server is selected. */
export const annotations: AnnotationQuery[] = events.map(({ name, expr, title, color, off }) => ({
  name,
  datasource,
  enable: off !== true,
  hide: false,
  iconColor: color,
  expr: expr.text({ stack: "$stack" }),
  titleFormat: title,
  step: "15s",
}));

/** Their PromQL. */
export const annotationTexts = events.map(({ expr }) => expr.text({ stack: "$stack" }));
