import { dashboards } from "../../../../../components/monitoring/alerts/alert";
import { files, nameOf } from "../../../../support/monitoring/dashboards/files";
import { type LintRuleName, lintExceptions, lintRules } from "../../../../support/monitoring/dashboards/linter";
import { type ParsePromql, promqlParser } from "../../../../support/monitoring/dashboards/promql";
import type { DashboardJson, PanelJson } from "../../../../support/monitoring/dashboards/schema";

const names = Object.keys(lintRules) as LintRuleName[];
let parse: ParsePromql;

beforeAll(async () => {
  parse = await promqlParser();
});

/** What breaks a rule, by the names of panels. */
const found = (rule: LintRuleName, dashboard: DashboardJson): string[] => [
  ...new Set(lintRules[rule]({ dashboard, parse }).map((one) => nameOf.get(Number(one)) ?? one)),
];

test("there are the linter's 17 rules", () => {
  expect(names).toHaveLength(17);
});

test.each(names)("%s holds, but for what is excepted by name", (rule) => {
  const exception = lintExceptions[rule];
  const all = files.flatMap(([, dashboard]) => found(rule, dashboard));
  // Without names, the rule does not hold anywhere: otherwise the exception would be too broad.
  if (exception !== undefined && exception.panels === undefined)
    for (const [, dashboard] of files) expect(found(rule, dashboard)).not.toEqual([]);
  else expect(all).toEqual(exception?.panels ?? []);
});

describe("control: it is broken by", () => {
  const [, original] = files[dashboards.indexOf("locks")]!;

  /** The dashboard with its first panel changed. */
  const withPanel = (change: (panel: PanelJson) => object): DashboardJson => {
    const copy = structuredClone(original);
    const at = copy.panels.findIndex(({ type }) => type !== "row");
    const panel = copy.panels[at] as PanelJson;
    copy.panels[at] = { ...panel, ...change(panel) };
    return copy;
  };
  const withExpr = (expr: string): DashboardJson =>
    withPanel(({ targets }) => ({ targets: [{ ...targets[0], expr }] }));
  const withVariables = (change: object, type = "query"): DashboardJson => ({
    ...original,
    templating: {
      list: original.templating.list.map((one) => (one.type === type ? { ...one, ...change } : one)),
    },
  });
  const loki = () => withPanel(({ targets }) => ({ targets: [{ ...targets[0], datasource: { type: "loki" } }] }));

  test.each<[LintRuleName, string, () => DashboardJson]>([
    ["template-datasource-rule", "another name", () => withVariables({ name: "source" }, "datasource")],
    ["template-datasource-rule", "another label", () => withVariables({ label: "Source" }, "datasource")],
    ["template-label-promql-rule", "a query that is no PromQL", () => withVariables({ query: "label_values(up{, x)" })],
    ["template-label-promql-rule", "another function", () => withVariables({ query: "values(up, x)" })],
    ["template-on-time-change-reload-rule", "values that stay", () => withVariables({ refresh: 1 })],
    ["panel-datasource-rule", "a data source by name", () => withPanel(() => ({ datasource: { uid: "prometheus" } }))],
    ["panel-title-description-rule", "no title", () => withPanel(() => ({ title: "" }))],
    ["panel-title-description-rule", "no description", () => withPanel(() => ({ description: "" }))],
    [
      "panel-units-rule",
      "an unknown unit",
      () => withPanel(({ fieldConfig }) => ({ fieldConfig: { ...fieldConfig, defaults: { unit: "furlongs" } } })),
    ],
    [
      "panel-units-rule",
      "no unit",
      () => withPanel(({ fieldConfig }) => ({ fieldConfig: { ...fieldConfig, defaults: {} } })),
    ],
    ["panel-no-targets-rule", "no target", () => withPanel(() => ({ targets: [] }))],
    ["target-logql-rule", "another data source", loki],
    ["target-logql-auto-rule", "another data source", loki],
    ["target-promql-rule", "what is no PromQL", () => withExpr("sum(up")],
    ["target-rate-interval-rule", "a fixed range", () => withExpr("rate(pg_stat_database_deadlocks[5m])")],
    ["target-counter-agg-rule", "a counter as it is", () => withExpr("howdah_wal_bytes_total")],
    ["target-counter-agg-rule", "another function", () => withExpr("changes(howdah_wal_bytes_total[5m])")],
    ["uneditable-dashboard", "a dashboard to edit", () => ({ ...original, editable: true })],
  ])("%s: %s", (rule, _what, broken) => {
    expect(found(rule, original)).toEqual([]);
    expect(found(rule, broken())).not.toEqual([]);
  });

  test.each<[LintRuleName, () => DashboardJson]>([
    ["template-job-rule", () => withVariables({ name: "job", label: "Job", multi: true, allValue: ".+" })],
    [
      "template-instance-rule",
      () => withVariables({ name: "instance", label: "Instance", multi: true, allValue: ".+" }),
    ],
  ])("and %s by nothing that has its variable", (rule, whole) => {
    expect(found(rule, whole())).toEqual([]);
  });

  test("and a rule of matchers by nothing that has them", () => {
    const matched = withExpr('up{job=~"$job",instance=~"$instance"}');
    const [first] = (["target-job-rule", "target-instance-rule"] as const).map((rule) => found(rule, original)[0]);
    expect(first).toBe("locks/blocked");
    for (const rule of ["target-job-rule", "target-instance-rule"] as const)
      expect(found(rule, matched)).not.toContain("locks/blocked");
  });
});
