import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DashboardName, dashboards } from "../../../../components/monitoring/alerts/alert";
import { numberOf } from "../../../../components/monitoring/dashboards/kit/render";
import { allDashboards } from "../../../../components/monitoring/dashboards/dashboards";
import { panelsOf } from "../../../../components/monitoring/dashboards/kit/model";
import { dashboardFolder, fileOf } from "../../../../dev/dashboards";
import type { DashboardJson, PanelJson } from "./schema";

export const fileText = (name: DashboardName): string => readFileSync(join(dashboardFolder, fileOf(name)), "utf8");

/** The committed files. */
export const files: readonly (readonly [DashboardName, DashboardJson])[] = dashboards.map((name) => [
  name,
  JSON.parse(fileText(name)) as DashboardJson,
]);

/** Panels, folded ones included. */
export const panelsIn = ({ panels }: DashboardJson): PanelJson[] =>
  panels.flatMap((one) => (one.type === "row" ? one.panels : [one]));

/** Names of panels by their numbers. */
export const nameOf: ReadonlyMap<number, string> = new Map(
  dashboards.flatMap((name) =>
    panelsOf(allDashboards[name]).map(([id]): [number, string] => [numberOf(`${name}/${id}`), `${name}/${id}`]),
  ),
);
