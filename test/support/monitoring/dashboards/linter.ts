import type { ParsePromql, Selected } from "./promql";
import { rateInterval } from "./promql";
import type { DashboardJson, PanelJson } from "./schema";
import { panelsIn } from "./files";

/*
 * The rules of Grafana's dashboard-linter (4d0844b, June 2026), which is a Go program that cannot be installed by itself: its module
 * has a `replace` directive. Each is at least as strict as there: rules of panels apply to every visualization.
 */

/** Units of our dashboards that the linter knows, by their names in Grafana. */
const knownUnits = "none short percent s h d bytes binBps ops iops wps cps bool_yes_no".split(" ");

interface Linted {
  readonly dashboard: DashboardJson;
  readonly parse: ParsePromql;
}

type Finding = string;
export type LintRule = (linted: Linted) => Finding[];

const variables = ({ dashboard }: Linted) => dashboard.templating.list;
const queryVariables = (linted: Linted) => variables(linted).filter((one) => one.type === "query");

const eachPanel =
  (check: (panel: PanelJson) => boolean): LintRule =>
  ({ dashboard }) =>
    panelsIn(dashboard)
      .filter((panel) => !check(panel))
      .map(({ id }) => String(id));

const targetsIn = ({ dashboard }: Linted) =>
  panelsIn(dashboard).flatMap(({ id, targets }) => targets.map((target) => ({ id, ...target })));

/** Panels with a selector that breaks a rule. */
const eachSelector =
  (check: (selector: Selected) => boolean): LintRule =>
  (linted) =>
    targetsIn(linted)
      .filter(({ expr }) => !linted.parse(expr).selectors.every(check))
      .map(({ id }) => String(id));

const hasVariable =
  (name: string, label: string): LintRule =>
  (linted) => {
    const found = queryVariables(linted).find((one) => one.name === name);
    const fits = found?.label === label && found.multi === true && (found.allValue as string) === ".+";
    return fits ? [] : ["dashboard"];
  };

const hasMatcher = (label: string): LintRule =>
  eachSelector(({ matchers }) => matchers.includes(`${label}=~"$${label}"`) || matchers.includes(`${label}=~"x"`));

/** Loki's language; no target of ours has another data source than Prometheus. */
const noLoki: LintRule = (linted) =>
  targetsIn(linted)
    .filter(({ datasource }) => (datasource.type as string) !== "prometheus")
    .map(({ id }) => String(id));

export const lintRules = {
  "template-datasource-rule": (linted) => {
    const found = variables(linted).filter(({ type }) => type === "datasource");
    const [first] = found;
    return found.length === 1 && first?.name === "datasource" && first.label === "Data source" ? [] : ["dashboard"];
  },
  "template-job-rule": hasVariable("job", "Job"),
  "template-instance-rule": hasVariable("instance", "Instance"),
  "template-label-promql-rule": (linted) =>
    queryVariables(linted)
      .filter(({ query }) => {
        const [, call, series] = /^(\w+)\((.*?)(?:, \w+)?\)$/.exec(query) ?? [];
        return (
          call !== "label_values" ||
          linted.parse(series ?? "").selectors.length !== 1 ||
          linted.parse(series ?? "").errors.length > 0
        );
      })
      .map(({ name }) => name),
  "template-on-time-change-reload-rule": (linted) =>
    queryVariables(linted)
      .filter(({ refresh }) => (refresh as number) !== 2)
      .map(({ name }) => name),
  "panel-datasource-rule": eachPanel(({ datasource }) => (datasource.uid as string) === "$datasource"),
  "panel-title-description-rule": eachPanel(({ title, description }) => title !== "" && description !== ""),
  "panel-units-rule": eachPanel(({ fieldConfig: { defaults, overrides } }) => {
    const own = overrides.flatMap(({ properties }) =>
      properties.filter(({ id }) => id === "unit").map(({ value }) => value),
    );
    const units = [...(defaults.unit === undefined ? [] : [defaults.unit]), ...own];
    return units.length > 0 && units.every((unit) => knownUnits.includes(String(unit)));
  }),
  "panel-no-targets-rule": eachPanel(({ targets }) => targets.length > 0),
  "target-logql-rule": noLoki,
  "target-logql-auto-rule": noLoki,
  "target-promql-rule": (linted) =>
    targetsIn(linted)
      .filter(({ expr }) => linted.parse(expr).errors.length > 0)
      .map(({ id }) => String(id)),
  "target-rate-interval-rule": eachSelector(
    ({ range, call }) => range === undefined || range === rateInterval || !["rate", "irate"].includes(call ?? ""),
  ),
  "target-job-rule": hasMatcher("job"),
  "target-instance-rule": hasMatcher("instance"),
  "target-counter-agg-rule": eachSelector(
    ({ name, range, call }) =>
      !name.endsWith("_total") || (range !== undefined && ["rate", "irate", "increase"].includes(call ?? "")),
  ),
  "uneditable-dashboard": ({ dashboard }) => (dashboard.editable ? ["dashboard"] : []),
} as const satisfies Readonly<Record<string, LintRule>>;

export type LintRuleName = keyof typeof lintRules;

/** A rule that does not apply: everywhere, or to the panels that are named. */
interface Exception {
  readonly reason: string;
  readonly panels?: readonly string[];
}

const ownLabels =
  "howdah tells series apart by stack and server; an instance is an address, and jobs are named alike on all stacks";

export const lintExceptions: Readonly<Partial<Record<LintRuleName, Exception>>> = {
  "template-job-rule": { reason: ownLabels },
  "template-instance-rule": { reason: ownLabels },
  "target-job-rule": { reason: ownLabels },
  "target-instance-rule": { reason: ownLabels },
  "target-rate-interval-rule": {
    reason: "a forecast over days from the last minute would jump up and down",
    panels: ["vacuum/until-failsafe"],
  },
  "target-counter-agg-rule": {
    reason: "whether an index has been used at all since the statistics were reset",
    panels: ["tables/one-indexes"],
  },
};
