import { readFileSync, readdirSync } from "node:fs";
import { sqlSets } from "../../../../../cli/metrics/sets/sql";
import { backupRuns, backups, drills, repository, stack } from "../../../../../cli/metrics/sets/backups";
import { pooler } from "../../../../../cli/metrics/sets/pooler";
import { certificates, logs, services } from "../../../../../cli/metrics/sets/services";
import { dashboards } from "../../../../../components/monitoring/alerts/alert";
import { type AlertName, catalogue } from "../../../../../components/monitoring/catalogue";
import { allDashboards, panelOfAlert } from "../../../../../components/monitoring/dashboards/dashboards";
import { widthsOf } from "../../../../../components/monitoring/dashboards/kit/layout";
import { type Panel, panelsOf, queriesOf, stat } from "../../../../../components/monitoring/dashboards/kit/model";
import { numberOf, render, uidOf } from "../../../../../components/monitoring/dashboards/kit/render";
import { panelText, slowSets } from "../../../../../components/monitoring/dashboards/kit/scope";
import { defaultSettings, stepsOf } from "../../../../../components/monitoring/dashboards/kit/thresholds";
import { metric, promql } from "../../../../../components/monitoring/expression";
import { metrics } from "../../../../../contracts/metrics/metrics";
import { recordings } from "../../../../../components/monitoring/recording";
import { dashboardFolder, dashboardText, fileOf, guideFile, guideText } from "../../../../../dev/dashboards";
import { files, fileText, panelsIn } from "../../../../support/monitoring/dashboards/files";
import { dashboardSchema, type DashboardJson } from "../../../../support/monitoring/dashboards/schema";

const all = dashboards.flatMap((name) =>
  panelsOf(allDashboards[name]).map(([id, panel]): [string, Panel] => [`${name}/${id}`, panel]),
);
const rules = catalogue(defaultSettings);
const alertsNaming = (id: string): AlertName[] =>
  (Object.entries(panelOfAlert) as [AlertName, string][]).flatMap(([name, panel]) => (panel === id ? [name] : []));

describe("the files", () => {
  test.each(dashboards)("of %s is in step with its definition (else: npm run dashboards)", (name) => {
    expect(fileText(name)).toBe(dashboardText(name));
  });

  test("are no others", () => {
    expect(readdirSync(dashboardFolder).sort()).toEqual(dashboards.map(fileOf).sort());
  });

  test("the list in docs/dashboards.md is in step (else: npm run dashboards)", () => {
    const text = readFileSync(guideFile, "utf8");
    expect(text).toBe(guideText(text));
    expect(() => guideText("# Dashboards\n")).toThrow("marks");
  });

  test.each(files)("%s fits the format of Grafana, and comes back from it as it was", (name, dashboard) => {
    expect(`${JSON.stringify(dashboardSchema.parse(dashboard), null, 2)}\n`.length).toBe(fileText(name).length);
    expect(dashboardSchema.parse(dashboard)).toEqual(dashboard);
  });

  test("control: the format refuses what Grafana would read in another way, or not at all", () => {
    const [, original] = files[0]!;
    const refused = (change: (copy: DashboardJson) => void): boolean => {
      const copy = structuredClone(original);
      change(copy);
      return !dashboardSchema.safeParse(copy).success;
    };
    const panelIn = (copy: DashboardJson) => panelsIn(copy)[0]!;
    const changes: ((copy: DashboardJson) => void)[] = [
      (copy) => Object.assign(copy, { schemaVersion: 41 }),
      (copy) => Object.assign(copy, { panel: [] }),
      (copy) => Object.assign(panelIn(copy), { id: 0 }),
      (copy) => Object.assign(panelIn(copy), { datasource: undefined }),
      (copy) => Object.assign(panelIn(copy).targets[0]!, { refId: undefined }),
      (copy) => Object.assign(panelIn(copy).targets[0]!, { legendFormat: undefined }),
      (copy) => Object.assign(panelIn(copy).gridPos, { x: 24 }),
      (copy) => Object.assign(panelIn(copy).fieldConfig.defaults.thresholds.steps[0]!, { value: 0 }),
      (copy) => Object.assign(panelIn(copy), { options: {} }),
    ];
    for (const change of changes) expect([String(change), refused(change)]).toEqual([String(change), true]);
  });
});

describe("the dashboards", () => {
  test("are 14, with at least 175 panels", () => {
    expect(dashboards).toHaveLength(14);
    expect(all.length).toBeGreaterThanOrEqual(175);
    expect(Object.keys(allDashboards)).toEqual([...dashboards]);
  });

  test("have the panel of every alert, which links to its runbook", () => {
    const numbers = new Map(files.flatMap(([, one]) => panelsIn(one).map((panel) => [panel.id, panel])));
    for (const [alert, panel] of Object.entries(panelOfAlert))
      expect(numbers.get(numberOf(panel))?.links).toContainEqual(
        expect.objectContaining({ title: `Runbook: ${alert}`, url: `\${runbooks}/${alert}.md` }),
      );
  });

  test("number each panel once, by its name", () => {
    const numbers = files.flatMap(([, { panels }]) =>
      panels.flatMap((one) => [one.id, ...(one.type === "row" ? one.panels.map(({ id }) => id) : [])]),
    );
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numberOf("overview/writer")).toBe(881_820_551);
  });

  test.each(files)("%s has a grid without gaps, overlaps or panels beyond its 24 columns", (_name, { panels }) => {
    const open = panels.flatMap(({ gridPos }) => cellsOf(gridPos));
    expect(new Set(open).size).toBe(open.length);
    expect(open.length).toBe(24 * Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)));
    for (const row of panels.filter((one) => one.type === "row" && one.collapsed)) {
      const inside = (row.type === "row" ? row.panels : []).flatMap(({ gridPos }) => cellsOf(gridPos));
      const height = inside.length / 24;
      expect(new Set(inside).size).toBe(inside.length);
      expect(Math.max(...inside)).toBe(24 * (row.gridPos.y + 1 + height) - 1);
    }
  });

  test("control: two panels with one name, which would have one number, are refused", () => {
    const rows = ["a", "b"].map((title) => ({
      title,
      lines: [{ one: stat({ title, description: "", unit: "none", queries: {} }) }],
    }));
    expect(() => render("locks", { title: "Locks", about: "", rows })).toThrow("two panels have the number");
  });

  test("control: a line that is not full, or too wide, is refused", () => {
    const panel = (width?: number) =>
      stat({ title: "a", description: "b", unit: "none", queries: {}, ...(width === undefined ? {} : { width }) });
    expect(widthsOf({ a: panel(), b: panel(12), c: panel() })).toEqual([6, 12, 6]);
    for (const widths of [
      [12, 8, 8],
      [12, 8],
      [24, undefined],
      [1, 1, undefined, undefined, undefined],
    ])
      expect(() => widthsOf(Object.fromEntries(widths.map((width, at) => [`p${at}`, panel(width)])))).toThrow(
        "do not fill 24 columns",
      );
  });

  /** Cells of the grid, each as one number. */
  function cellsOf({ x, y, w, h }: { x: number; y: number; w: number; h: number }): number[] {
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, at) => (y + Math.floor(at / w)) * 24 + x + (at % w));
  }
});

describe.each(dashboards)("every panel of %s", (name) => {
  const own = all.filter(([id]) => id.startsWith(`${name}/`));

  test("has a title, and one sentence that says what it shows and what is bad", () => {
    for (const [id, { title, description }] of own) {
      expect([id, title]).toEqual([id, expect.stringMatching(/^\S.{1,60}$/)]);
      // A full stop within a word, as in a setting's name, ends no sentence.
      expect([id, description]).toEqual([id, expect.stringMatching(/^[A-Za-z]([^.]|\.(?=\w)){20,150}\.$/)]);
    }
  });

  test("reads the stack's series alone, by metrics of the catalogue and recording rules that exist", () => {
    const recorded = recordings.map(({ record }) => record);
    for (const [id, panel] of own)
      for (const expr of Object.values(queriesOf(panel))) {
        expect([id, expr.metrics]).not.toEqual([id, []]);
        expect(recorded).toEqual(expect.arrayContaining(expr.records));
        const selectors = panelText(expr).match(/\{[^}]*\}/g) ?? [];
        expect([id, selectors.filter((one) => !one.includes('stack="$stack"'))]).toEqual([id, []]);
      }
  });

  test("names only labels that its series have", () => {
    const labelsIn = (legend: string) => [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
    for (const [id, panel] of own)
      for (const [legend, { labels }] of Object.entries(queriesOf(panel))) {
        const named = panel.kind === "table" ? Object.keys(panel.labels) : labelsIn(legend);
        const followed = Object.values(panel.detail?.variables ?? {});
        expect([id, labels]).toEqual([id, expect.arrayContaining([...named, ...followed])]);
      }
  });
});

test("a figure that the catalogue has a unit for is shown in it", () => {
  const simple = /^(?:(?:sum|min|max|avg)(?: by \([\w, ]+\) )?\()?(rate\()?(\w+)\{[^}]*\}(?:\[[^\]]*\])?\)*$/;
  const shown: Readonly<Record<string, string>> = { seconds: "s", bytes: "bytes" };
  const asRates: Readonly<Record<string, string>> = { seconds: "short", bytes: "binBps" };
  const checked = all.flatMap(([id, panel]) =>
    Object.entries(queriesOf(panel)).flatMap(([header, expr]) => {
      const [, rate, name = ""] = simple.exec(panelText(expr)) ?? [];
      const { unit = "" } = (metrics as Readonly<Record<string, { unit?: string }>>)[name] ?? {};
      const wanted = (rate === undefined ? shown : asRates)[unit];
      const found = panel.kind === "table" ? panel.values[header]?.unit : panel.unit;
      return wanted === undefined ? [] : [[id, name, found, wanted] as const];
    }),
  );
  expect(checked.length).toBeGreaterThan(50);
  expect(checked.filter(([, , found, wanted]) => found !== wanted)).toEqual([]);
});

test("a table has the labels of its series, and no column that no one asked for", () => {
  for (const [id, panel] of all)
    if (panel.kind === "table")
      for (const { expr } of Object.values(panel.values))
        expect([id, expr.labels.toSorted()]).toEqual([id, Object.keys(panel.labels).sort()]);
});

describe("thresholds", () => {
  const marked = all.flatMap(([id, { marks }]) => (marks?.alerts ?? []).map((alert) => [id, alert, marks!] as const));

  test("are those of every alert that names the panel, but for those with a reason", () => {
    for (const [id, { marks, unmarked = {} }] of all)
      expect([
        id,
        alertsNaming(id)
          .filter((name) => marks?.alerts.includes(name) !== true)
          .sort(),
      ]).toEqual([id, Object.keys(unmarked).sort()]);
  });

  test("are the levels of their alerts, in the direction in which these fire", () => {
    const operators = { above: ">", from: ">=", below: "<" } as const;
    // What these compare with is computed from the level.
    const computed = /^(XidAge|MultixactAge|DiskFills|ErrorBudget.*)$/;
    for (const [id, alert, { bad, alerts }] of marked) {
      const levels = rules.filter(({ name }) => alerts.includes(name)).map(({ limit }) => limit);
      const drawn = [...new Set(levels)].sort((a, b) => a - b);
      const steps = stepsOf({ bad, alerts }).flatMap(({ value }) => value ?? []);
      expect([id, steps.map((value) => Number(value.toFixed(8)))]).toEqual([id, drawn]);
      for (const { expr, limit } of rules.filter(({ name }) => name === alert)) {
        const compared = `${operators[bad]} ${computed.test(alert) ? "" : limit}`;
        expect([id, expr.text()]).toEqual([id, expect.stringContaining(compared)]);
      }
    }
  });

  test("are in a figure of what the alert reads", () => {
    for (const [id, alert] of marked) {
      const panel = all.find(([name]) => name === id)![1];
      const read = Object.values(queriesOf(panel)).flatMap((expr) => expr.metrics);
      const watched = rules.filter(({ name }) => name === alert).flatMap(({ expr }) => expr.metrics);
      expect([id, alert, read.some((name) => watched.includes(name))]).toEqual([id, alert, true]);
    }
  });

  test("control: what is fine is green, also a figure that rests at its limit", () => {
    const colorAt = (alert: AlertName, bad: "above" | "below" | "from", figure: number) =>
      stepsOf({ alerts: [alert], bad }).findLast(({ value }) => value === null || value <= figure)?.color;
    expect([0, 1].map((value) => colorAt("Deadlocks", "above", value))).toEqual(["green", "orange"]);
    expect([1, 2].map((value) => colorAt("SplitBrain", "above", value))).toEqual(["green", "red"]);
    expect([0, 1].map((value) => colorAt("PoolPaused", "from", value))).toEqual(["green", "orange"]);
    expect([9, 10, 19, 20].map((value) => colorAt("DiskSpace", "below", value))).toEqual([
      "red",
      "orange",
      "orange",
      "green",
    ]);
  });

  test("that follow from settings are those of an empty config, and the list of them is complete", () => {
    const other = {
      ...defaultSettings,
      rto: 120,
      rpo: 300,
      plan: { ttl: 80, synchronousNodeCount: 0, archiveTimeout: 300 },
      servers: 5,
      targets: { ...defaultSettings.targets, etcd: 5 },
    };
    const others = catalogue(other);
    const differing = rules.filter((rule, at) => rule.limit !== others[at]?.limit).map(({ name }) => name);
    expect([...new Set(differing)]).toEqual([
      "MembersMissing",
      "DcsStale",
      "SyncStandbyMissing",
      "EtcdNoQuorum",
      "ReplicationLagSeconds",
    ]);
  });
});

describe("variables and links", () => {
  const exprs = ({ annotations, templating, ...dashboard }: DashboardJson): string =>
    JSON.stringify([
      panelsIn({ annotations, templating, ...dashboard }).map(({ targets }) => targets),
      annotations,
      templating.list.map((one) => (one.type === "query" ? one.query : "")),
    ]);

  test.each(files)("%s has the variables that it uses, and no others", (_name, dashboard) => {
    const used = [...exprs(dashboard).matchAll(/\$(?!__)([a-z]\w*)/g)].map(([, name = ""]) => name);
    const defined = dashboard.templating.list.map(({ name }) => name);
    expect([...new Set(used)].sort()).toEqual(defined.filter((name) => name !== "runbooks").sort());
    expect(defined).toContain("runbooks");
  });

  test.each(files)("%s matches several values by =~, and one by =", (_name, dashboard) => {
    for (const one of dashboard.templating.list)
      if (one.type === "query") {
        const [, operator] = new RegExp(`\\w(=~?)\\\\+"\\$${one.name}\\b`).exec(exprs(dashboard)) ?? [];
        expect([one.name, operator]).toEqual([one.name, one.multi === true ? "=~" : "="]);
      }
  });

  test("a click leads to a dashboard that has the variables", () => {
    const variables = new Map(files.map(([name, { templating }]) => [name, templating.list.map((one) => one.name)]));
    for (const [id, { detail }] of all)
      if (detail !== undefined)
        expect([id, variables.get(detail.dashboard)]).toEqual([
          id,
          expect.arrayContaining(Object.keys(detail.variables)),
        ]);
    const [, queries] = files[dashboards.indexOf("queries")]!;
    expect(panelsIn(queries)[0]?.fieldConfig.defaults.links[0]?.url).toBe(
      `/d/${uidOf("query")}?\${datasource:queryparam}&\${stack:queryparam}&\${server:queryparam}&var-queryid=\${__data.fields["Query ID"]}&var-database=\${__data.fields["Database"]}&\${__url_time_range}`,
    );
  });

  test.each(files)("a link of %s passes on only variables that it has", (_name, dashboard) => {
    const passed = [...JSON.stringify(panelsIn(dashboard)).matchAll(/\$\{(\w+):queryparam\}/g)].map(([, name]) => name);
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(expect.arrayContaining(passed));
  });

  test("a query is narrowed to what is selected, as far as its series have the label", () => {
    expect(panelText(metric("pg_stat_database_deadlocks"))).toBe(
      'pg_stat_database_deadlocks{stack="$stack",server=~"$server",datname=~"$database"}',
    );
    expect(panelText(metric("up", { job: "etcd" }))).toBe('up{job="etcd",stack="$stack"}');
    expect(panelText(promql`${recordings[0]!}`)).toBe(
      'server:connections_used:percent{stack="$stack",server=~"$server"}',
    );
    expect(panelText(metric("pgbouncer_databases_paused"))).toContain('name=~"$pool"');
    expect(panelText(metric("howdah_pool_limit"))).toContain('database=~"$pool"');
    expect(panelText(metric("howdah_backups"))).toBe('howdah_backups{stack="$stack"}');
  });
});

test("sets that are collected seldom are those of the collector, with its intervals", () => {
  const stackSets = [backups, backupRuns, repository, drills, stack, services, logs, certificates, pooler];
  const intervals = [...sqlSets, ...stackSets].map(({ name, interval }) => [name, interval] as const);
  expect(new Map(Object.entries(slowSets))).toEqual(new Map(intervals.filter(([, interval]) => interval > 30)));
});
