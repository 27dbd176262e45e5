import type { SetName } from "../../../contracts/metrics/collector";
import type { Program } from "../../../contracts/metrics/others";
import type { FailoverPlan } from "../../postgres/objectives";
import type { Expression } from "../expression";

/** Where metrics come from: sets of the collector, and other programs. */
export type Source = SetName | Program;

/** What thresholds follow from. All times in seconds. */
export interface AlertSettings {
  readonly rto: number;
  readonly rpo: number;
  /** Timers that follow from these. */
  readonly plan: Pick<FailoverPlan, "ttl" | "synchronousNodeCount" | "archiveTimeout">;
  /** Servers that the configuration declares. */
  readonly servers: number;
  readonly cpus: number;
  /** Share of the probes that has to succeed, below 1. */
  readonly availability: number;
  /** Longest time of a probe, and of a transaction on average. */
  readonly latency: number;
  /** What there is to scrape: an alert on anything else is left out. */
  readonly sources: readonly Source[];
  /** Last day of the support of each major version. */
  readonly supportEnds: Readonly<Record<string, string>>;
  /** Targets that are declared, by job. */
  readonly targets: Readonly<Record<string, number>>;
}

/** A figure, or how it follows from the settings. */
export type Figure = number | ((settings: AlertSettings) => number);

export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** From which figure on an alert fires. */
export interface Level<Value extends Figure = Figure> {
  /** The figure, in the unit of the alert's expression; panels draw it as a threshold. */
  readonly limit: Value;
  /** Seconds that the condition has to hold; 0 is at once. */
  readonly for: Value;
  /** Seconds that the alert goes on after its condition has ended, if it would flap otherwise. Default: none. */
  readonly keep?: number;
}

export const dashboards = [
  "overview",
  "replication",
  "pooler",
  "sessions",
  "locks",
  "queries",
  "query",
  "tables",
  "vacuum",
  "wal",
  "backups",
  "host",
  "coordination",
  "objectives",
] as const;

export type DashboardName = (typeof dashboards)[number];

/** A panel of a dashboard. */
export type PanelId = `${DashboardName}/${string}`;

/** An alert: a rule of the same name for each of its levels. */
export interface Alert {
  /** A symptom is what users notice; a cause is why they do, or soon will. */
  readonly nature: "symptom" | "cause";
  /** What it means to the users, in plain words; `{{ $labels.server }}` stands for the value of a label. */
  readonly summary: string;
  /** Where its figure is drawn. */
  readonly panel: PanelId;
  readonly levels: Readonly<Partial<Record<Severity, Level>>>;
  /** The condition, at a level's figure. */
  readonly expr: (limit: number, settings: AlertSettings, severity: Severity) => Expression;
  /** Alerts that make this one needless while they fire, each with the labels that have to be equal. */
  readonly hiddenBy?: Readonly<Record<string, readonly string[]>>;
  /** Sources without which it is left out, although its expression reads none of their metrics. */
  readonly needs?: readonly Source[];
  /** True if planned work, such as a switchover or a restart, makes the condition true although all is well. Default: false. */
  readonly quietDuringWork?: true;
}

/** Alerts of an area by their names; keeps for the compiler which levels each of them has. */
export const area = <const Alerts extends Readonly<Record<string, Alert>>>(alerts: Alerts): Alerts => alerts;
