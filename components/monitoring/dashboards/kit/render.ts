import {
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkType,
  defaultDashboard,
  type Panel as PanelModel,
  type RowPanel,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { sha256 } from "../../../../lib/text/hash";
import type { DashboardName } from "../../alerts/alert";
import { areas } from "../../catalogue";
import { runbookFolder } from "../../rules";
import { annotations, annotationTexts } from "./annotations";
import { placed, type PlacedPanel, type PlacedRow } from "./layout";
import { type Dashboard, type Detail, type Panel, panelsOf, queriesOf } from "./model";
import { visualization } from "./panel";
import { panelText } from "./scope";
import { tablePanel } from "./table";
import { stepsOf } from "./thresholds";
import { datasource, passedOn, variablesOf } from "./variables";

/** Tag that all dashboards have, and by which they link to each other. */
const tag = "howdah";

/** Of a dashboard's URL and file. */
export const uidOf = (name: DashboardName): string => `howdah-${name}`;

/** Alerts whose figures a panel draws. */
export const alertsOf = (id: string): string[] =>
  Object.values(areas).flatMap((area) =>
    Object.entries(area).flatMap(([name, { panel }]: [string, { panel: string }]) => (panel === id ? [name] : [])),
  );

/** Number of a panel in links, the same for as long as its name is: 31 bits of a hash. */
export const numberOf = (id: string): number => Number.parseInt(sha256(id).slice(0, 8), 16) & 0x7fffffff;

const link = (title: string, url: string, more: Partial<DashboardLink> = {}): DashboardLink => ({
  title,
  url,
  type: DashboardLinkType.Link,
  icon: "external link",
  tooltip: "",
  tags: [],
  asDropdown: false,
  targetBlank: false,
  includeVars: false,
  keepTime: false,
  ...more,
});

const runbookOf = (name: string): string => `\${runbooks}/${name}.md`;

/** Value of a label where a click was: of a series, or of a row with this header. */
function clicked(panel: Panel, label: string): string {
  const header = panel.kind === "table" ? panel.labels[label] : undefined;
  return header === undefined ? `\${__field.labels.${label}}` : `\${__data.fields["${header}"]}`;
}

function detailLink(panel: Panel, { title, dashboard, variables }: Detail): DashboardLink {
  const values = Object.entries(variables).map(([name, label]) => `var-${name}=${clicked(panel, label)}`);
  // What the click selects is not passed on as well.
  const rest = passedOn(["stack", "server", "database"].filter((name) => !(name in variables)));
  return link(title, `/d/${uidOf(dashboard)}?${[rest, ...values].join("&")}&\${__url_time_range}`);
}

function dataLinks(panel: Panel): DashboardLink[] {
  const details = panel.detail === undefined ? [] : [detailLink(panel, panel.detail)];
  const label = panel.kind === "table" ? panel.runbook : undefined;
  if (label === undefined) return details;
  return [...details, link("Runbook", runbookOf(clicked(panel, label)), { targetBlank: true })];
}

function panelOf(dashboard: DashboardName, { name, panel, place }: PlacedPanel): PanelModel {
  const id = `${dashboard}/${name}`;
  const alerts = new Set([...alertsOf(id), ...(panel.marks?.alerts ?? [])]);
  const runbooks = [...alerts].map((alert) => link(`Runbook: ${alert}`, runbookOf(alert), { targetBlank: true }));
  const built = panel.kind === "table" ? tablePanel(panel) : visualization(panel);
  const { defaults = {}, overrides = [] } = built.fieldConfig ?? {};
  const thresholds = { mode: ThresholdsMode.Absolute, steps: stepsOf(panel.marks) };
  return {
    ...built,
    id: numberOf(id),
    title: panel.title,
    description: panel.description,
    datasource,
    gridPos: place,
    links: runbooks,
    fieldConfig: { defaults: { ...defaults, thresholds, links: dataLinks(panel) }, overrides },
  };
}

/** A heading, and its panels: in it if it is folded, else below it. */
function rowOf(dashboard: DashboardName, { row, place, panels }: PlacedRow): (RowPanel | PanelModel)[] {
  const built = panels.map((panel) => panelOf(dashboard, panel));
  const folded = row.folded === true;
  const heading = {
    type: "row",
    id: numberOf(`${dashboard}/row: ${row.title}`),
    title: row.title,
    collapsed: folded,
    gridPos: place,
    panels: folded ? built : [],
  } as const;
  return [heading, ...(folded ? [] : built)];
}

/** @throws if two of them have the same number */
function distinct(panels: readonly (RowPanel | PanelModel)[]): readonly (RowPanel | PanelModel)[] {
  const ids = panels.flatMap((one) => [one.id, ...("panels" in one ? one.panels.map(({ id }) => id) : [])]);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new Error(`two panels have the number ${twice}: rename one of them`);
  return panels;
}

/** All PromQL of a dashboard's panels. */
export const textsOf = (dashboard: Dashboard): string[] =>
  panelsOf(dashboard).flatMap(([, panel]) => Object.values(queriesOf(panel)).map(panelText));

/** Grafana's format, schema v1: what provisioning, ConfigMaps and other readers of dashboards know. */
export type Model = ReturnType<typeof defaultDashboard>;

/** A dashboard in that format. @param runbooks address of the folder with the runbooks */
export const render = (name: DashboardName, dashboard: Dashboard, runbooks = runbookFolder): Model => ({
  ...defaultDashboard(),
  uid: uidOf(name),
  title: `howdah: ${dashboard.title}`,
  description: dashboard.about,
  tags: [tag],
  editable: false,
  graphTooltip: DashboardCursorSync.Crosshair,
  time: { from: "now-3h", to: "now" },
  refresh: "30s",
  templating: { list: variablesOf([...textsOf(dashboard), ...annotationTexts], runbooks) },
  annotations: { list: annotations },
  links: [
    link("Dashboards", "", {
      type: DashboardLinkType.Dashboards,
      tags: [tag],
      asDropdown: true,
      includeVars: true,
      keepTime: true,
    }),
  ],
  panels: [...distinct(placed(dashboard.rows).flatMap((row) => rowOf(name, row)))],
});
