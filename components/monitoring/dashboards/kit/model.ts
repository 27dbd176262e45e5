import type { DashboardName } from "../../alerts/alert";
import type { AlertName } from "../../catalogue";
import type { Expression } from "../../expression";
import type { Marks } from "./thresholds";

/** Units of Grafana, by its own identifiers. */
export type PanelUnit =
  "short" | "none" | "percent" | "s" | "h" | "d" | "bytes" | "binBps" | "ops" | "iops" | "wps" | "cps" | "bool_yes_no";

/** Words for values, such as 1 for "up"; a color for what no alert marks. */
export type States = Readonly<Record<number, string | { readonly text: string; readonly color: string }>>;

/** Words for flags. */
export const upDown: States = { 0: "down", 1: "up" };
export const passed: States = { 0: "failed", 1: "passed" };

/** Where a click on a series or a row leads. */
export interface Detail {
  readonly title: string;
  readonly dashboard: DashboardName;
  /** Its variables, each with the label that has the value. */
  readonly variables: Readonly<Record<string, string>>;
}

interface Common {
  readonly title: string;
  /** What it shows and what of it is bad, in one sentence. */
  readonly description: string;
  /** Alert whose levels are the thresholds. Default: none. */
  readonly marks?: Marks;
  /** Alerts that name the panel although their levels are no thresholds of it, each with the reason. */
  readonly unmarked?: Readonly<Partial<Record<AlertName, string>>>;
  /** Columns out of 24. Default: what the others of the line leave, in equal shares. */
  readonly width?: number;
  readonly detail?: Detail;
}

/** Expressions by their legends, in which `{{server}}` stands for the value of a label. */
export type Queries = Readonly<Record<string, Expression>>;

interface Measured extends Common {
  readonly unit: PanelUnit;
  readonly states?: States;
  /** End of the scale. Default: as the values are. */
  readonly max?: number;
  readonly queries: Queries;
}

interface TimeSeries extends Measured {
  readonly kind: "timeseries";
  readonly stacked?: true;
}

interface Value<Kind extends "stat" | "gauge" | "bargauge"> extends Measured {
  readonly kind: Kind;
}

interface StateTimeline extends Measured {
  readonly kind: "state-timeline";
  readonly states: States;
}

/** One query, whose series are the buckets of a histogram. */
interface Heatmap extends Common {
  readonly kind: "heatmap";
  readonly unit: PanelUnit;
  readonly buckets: Expression;
}

export interface Column {
  readonly expr: Expression;
  readonly unit: PanelUnit;
  readonly states?: States;
}

/** A row for each series; `marks` color the column that it is sorted by, the highest value first. */
interface Table extends Common {
  readonly kind: "table";
  /** Headers of labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Values by their headers. */
  readonly values: Readonly<Record<string, Column>>;
  readonly sort: string;
  /** True if the lowest value comes first. Default: false. */
  readonly ascending?: true;
  /** Label that names an alert, whose runbook a click opens. */
  readonly runbook?: string;
}

export type Panel = TimeSeries | Value<"stat"> | Value<"gauge"> | Value<"bargauge"> | StateTimeline | Heatmap | Table;

/** A panel of one of these kinds. */
export type Of<Kind extends Panel["kind"]> = Extract<Panel, { readonly kind: Kind }>;

export const timeseries = (panel: Omit<Of<"timeseries">, "kind">): Panel => ({ kind: "timeseries", ...panel });
export const stateTimeline = (panel: Omit<Of<"state-timeline">, "kind">): Panel => ({
  kind: "state-timeline",
  ...panel,
});
export const heatmap = (panel: Omit<Of<"heatmap">, "kind">): Panel => ({ kind: "heatmap", ...panel });
export const table = (panel: Omit<Of<"table">, "kind">): Panel => ({ kind: "table", ...panel });
export const stat = (panel: Omit<Of<"stat">, "kind">): Panel => ({ kind: "stat", ...panel });
export const gauge = (panel: Omit<Of<"gauge">, "kind">): Panel => ({ kind: "gauge", ...panel });
export const barGauge = (panel: Omit<Of<"bargauge">, "kind">): Panel => ({ kind: "bargauge", ...panel });

/** Panels side by side, by the part of their PanelId after the dashboard. */
export type Line = Readonly<Record<string, Panel>>;

/** Lines under a heading that folds them. */
export interface Row {
  readonly title: string;
  /** Folded until a reader opens it: its queries do not run before. Default: open. */
  readonly folded?: true;
  readonly lines: readonly Line[];
}

export interface Dashboard {
  readonly title: string;
  /** What it is for, in one sentence. */
  readonly about: string;
  readonly rows: readonly Row[];
}

/** Keep for the compiler which panels there are. */
export const row = <const One extends Row>(one: One): One => one;
export const dashboard = <const One extends Dashboard>(one: One): One => one;

type KeysOf<Each> = Each extends unknown ? keyof Each & string : never;

/** Names of its panels. */
export type PanelOf<One extends Dashboard> = KeysOf<One["rows"][number]["lines"][number]>;

/** Its expressions, by legend or header. */
export function queriesOf(panel: Panel): Queries {
  if (panel.kind === "heatmap") return { "{{le}}": panel.buckets };
  if (panel.kind !== "table") return panel.queries;
  return Object.fromEntries(Object.entries(panel.values).map(([header, { expr }]) => [header, expr]));
}

/** All panels of a dashboard with their names. */
export const panelsOf = ({ rows }: Dashboard): (readonly [name: string, panel: Panel])[] =>
  rows.flatMap(({ lines }) => lines.flatMap((line) => Object.entries(line)));
