import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DashboardName, dashboards } from "../components/monitoring/alerts/alert";
import { allDashboards } from "../components/monitoring/dashboards/dashboards";
import { panelsOf } from "../components/monitoring/dashboards/kit/model";
import { alertsOf, render, uidOf } from "../components/monitoring/dashboards/kit/render";
import { checkout } from "../lib/paths";

/** The dashboards in Grafana's format. Committed, so that a stack needs neither the SDK nor the time to build them. */
export const dashboardFolder = join(checkout, "components", "monitoring", "dashboards", "json");

/** Has a list of all dashboards and panels, between two marks. */
export const guideFile = join(checkout, "docs", "dashboards.md");

const marks = { start: "<!-- panels: written by `npm run dashboards` -->", end: "<!-- end of the panels -->" } as const;

export const fileOf = (name: DashboardName): string => `${uidOf(name)}.json`;

export const dashboardText = (name: DashboardName): string =>
  `${JSON.stringify(render(name, allDashboards[name]), null, 2)}\n`;

const runbook = (alert: string): string => `[${alert}](runbooks/${alert}.md)`;

function sectionOf(name: DashboardName): string {
  const { title, about } = allDashboards[name];
  const panels = panelsOf(allDashboards[name]);
  const rows = panels.map(
    ([id, panel]) => `| ${panel.title} | ${panel.description} | ${alertsOf(`${name}/${id}`).map(runbook).join(", ")} |`,
  );
  return [
    `### ${title}`,
    `${about} ${panels.length} panels.`,
    ["| panel | shows | alerts |", "|---|---|---|", ...rows].join("\n"),
  ].join("\n\n");
}

/** The list of all panels. */
export const panelList = (): string => dashboards.map(sectionOf).join("\n\n");

/** docs/dashboards.md with the list as it has to be. @throws if it has lost its marks */
export function guideText(text: string): string {
  const [from, to] = [text.indexOf(marks.start), text.indexOf(marks.end)];
  if (from < 0 || to < from) throw new Error(`docs/dashboards.md lacks the marks ${marks.start} and ${marks.end}`);
  return `${text.slice(0, from + marks.start.length)}\n\n${panelList()}\n\n${text.slice(to)}`;
}

function main(): void {
  mkdirSync(dashboardFolder, { recursive: true });
  const files = dashboards.map(fileOf);
  for (const name of readdirSync(dashboardFolder)) if (!files.includes(name)) rmSync(join(dashboardFolder, name));
  for (const name of dashboards) writeFileSync(join(dashboardFolder, fileOf(name)), dashboardText(name));
  writeFileSync(guideFile, guideText(readFileSync(guideFile, "utf8")));
}

if (require.main === module) main();
