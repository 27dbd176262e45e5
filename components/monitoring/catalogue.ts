import { type Alert, type AlertSettings, type Figure, type Level, severities, type Severity } from "./alerts/alert";
import { etcdAlerts, haproxyAlerts, patroniAlerts } from "./alerts/coordination";
import { hostAlerts } from "./alerts/host";
import { poolerAlerts } from "./alerts/pooler";
import { replicationAlerts } from "./alerts/replication";
import { securityAlerts } from "./alerts/security";
import { serviceAlerts } from "./alerts/service";
import { sessionAlerts } from "./alerts/sessions";
import { speedAlerts } from "./alerts/speed";
import { backupAlerts, storageAlerts } from "./alerts/storage";
import { vacuumAlerts } from "./alerts/vacuum";
import { objectiveAlerts, watcherAlerts } from "./alerts/watchers";
import type { Expression } from "./expression";

/** Alerts by area; each area is a group of rules. */
export const areas = {
  service: serviceAlerts,
  patroni: patroniAlerts,
  etcd: etcdAlerts,
  haproxy: haproxyAlerts,
  replication: replicationAlerts,
  sessions: sessionAlerts,
  speed: speedAlerts,
  vacuum: vacuumAlerts,
  storage: storageAlerts,
  backups: backupAlerts,
  pooler: poolerAlerts,
  host: hostAlerts,
  security: securityAlerts,
  watchers: watcherAlerts,
  objectives: objectiveAlerts,
} as const;

export type AreaName = keyof typeof areas;

type Merged<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** Every alert by its name. */
export type Alerts = Merged<(typeof areas)[AreaName]>;
export type AlertName = keyof Alerts;

/** An alert at one level, with all figures. */
export interface AlertRule extends Level<number> {
  readonly name: AlertName;
  readonly area: AreaName;
  readonly severity: Severity;
  readonly alert: Alert;
  readonly expr: Expression;
}

const valueOf = (figure: Figure, settings: AlertSettings): number =>
  typeof figure === "number" ? figure : figure(settings);

function rulesOf(name: AlertName, area: AreaName, settings: AlertSettings): AlertRule[] {
  const alert = (areas[area] as Readonly<Record<string, Alert>>)[name];
  return severities.flatMap((severity): AlertRule[] => {
    const level = alert?.levels[severity];
    if (alert === undefined || level === undefined) return [];
    const limit = valueOf(level.limit, settings);
    const expr = alert.expr(limit, settings, severity);
    return [{ ...level, name, area, severity, alert, expr, limit, for: valueOf(level.for, settings) }];
  });
}

/** The rules of all alerts that a stack has the sources for. */
export function catalogue(settings: AlertSettings): AlertRule[] {
  const present = new Set<string>(["targets", ...settings.sources]);
  return (Object.keys(areas) as AreaName[])
    .flatMap((area) => Object.keys(areas[area]).flatMap((name) => rulesOf(name as AlertName, area, settings)))
    .filter(({ expr, alert }) => [...expr.sources, ...(alert.needs ?? [])].every((source) => present.has(source)));
}
