import { logEvents } from "../../../../cli/metrics/sets/services";
import { dashboards, severities } from "../../../../components/monitoring/alerts/alert";
import { type AlertName, areas, catalogue } from "../../../../components/monitoring/catalogue";
import { metric, promql } from "../../../../components/monitoring/expression";
import { inhibitRules } from "../../../../components/monitoring/inhibition";
import { recordings } from "../../../../components/monitoring/recording";
import { ruleFile, ruleGroups } from "../../../../components/monitoring/rules";
import { parse } from "yaml";
import { levelCases } from "../../../support/monitoring/rule-test";
import { ruleSettings } from "../../../support/monitoring/settings";

const rules = catalogue(ruleSettings);
const rendered = ruleGroups(ruleSettings).flatMap(({ rules: all }) => all);
const alerts = Object.values(areas).flatMap((area) => Object.entries(area));
const names = alerts.map(([name]) => name);

describe("the catalogue", () => {
  test("has at least 120 alerts, each name once", () => {
    expect(names.length).toBeGreaterThanOrEqual(120);
    expect(names).toEqual([...new Set(names)]);
  });

  test("gives every alert a panel, a runbook, and a sentence for users", () => {
    const panel = new RegExp(`^(${dashboards.join("|")})/[a-z-]+$`);
    for (const { alert, annotations } of rendered.filter((rule) => rule.alert !== undefined)) {
      expect(annotations?.["panel"]).toMatch(panel);
      expect(annotations?.["runbook_url"]).toBe(`docs/runbooks/${alert ?? ""}.md`);
      expect(annotations?.["summary"]).toMatch(/^\S.{20,180}\.$/);
    }
  });

  test("writes no number into PromQL but those that placeholders bring", () => {
    expect(() => promql`${metric("pg_up")} < 1`).toThrow(/"1" has to come from a placeholder/);
    expect(() => promql`pg_up`).toThrow(/write metric\("pg_up"\)/);
    expect(() => promql`sum by (member) (${metric("pg_up")})`).toThrow(/member is neither/);
    expect(() => promql`${metric("pg_up")} < ${Number.NaN}`).toThrow(/NaN is no number/);
  });

  test("leaves out what a platform has no source for", () => {
    const few = catalogue({ ...ruleSettings, sources: ["availability", "collector"], targets: { collector: 1 } });
    const found = new Set(few.map(({ name }) => name));
    expect([...found]).toEqual(expect.arrayContaining(["PostgresDown", "NoWriter", "TargetDown", "MetricsMissing"]));
    expect([...found].filter((name) => /^(Patroni|Etcd|Haproxy|Pgbouncer|Host|Drill|Lock)/.test(name))).toEqual([]);
  });

  test("has an absent twin for every source of a critical alert", () => {
    const twins = rules.find(({ name }) => name === "MetricsMissing");
    const twinned = [...(twins?.expr.text() ?? "").matchAll(/"source", "([^"]+)"/g)].map(([, source]) => source);
    const critical = rules.filter(({ severity }) => severity === "critical").flatMap(({ expr }) => expr.sources);
    expect(twinned).toEqual(expect.arrayContaining([...new Set(critical)].filter((source) => source !== "targets")));
  });

  test("knows events and routes by the names that the collector gives them", () => {
    const valuesOf = (label: string) =>
      new Set(
        rendered.flatMap(({ expr }) =>
          [...expr.matchAll(new RegExp(`\\b${label}="([^"]+)"`, "g"))].map(([, value]) => value),
        ),
      );
    expect(logEvents).toEqual(expect.arrayContaining([...valuesOf("event")]));
    expect([...valuesOf("route")].sort()).toEqual(["read-only", "read-write"]);
  });

  test("is silent during planned work if the alert says so, and only then", () => {
    for (const [name, alert] of alerts)
      for (const { expr } of rendered.filter((rule) => rule.alert === name))
        expect([name, expr.includes("unless on () max(max_over_time(howdah_planned_work")]).toEqual([
          name,
          "quietDuringWork" in alert,
        ]);
  });

  test("takes thresholds from the objectives", () => {
    const limitOf = (name: AlertName, settings: typeof ruleSettings) =>
      catalogue(settings).find((rule) => rule.name === name && rule.severity === "critical");
    const loose = {
      ...ruleSettings,
      rto: 120,
      rpo: 300,
      plan: { ...ruleSettings.plan, ttl: 80, synchronousNodeCount: 0 },
    };
    expect(limitOf("NoWriter", ruleSettings)?.for).toBe(30);
    expect(limitOf("NoWriter", loose)?.for).toBe(120);
    expect(limitOf("ReplicationLagSeconds", loose)?.limit).toBe(300);
    expect(limitOf("ClusterUnlocked", loose)?.for).toBe(80);
    expect(limitOf("SyncStandbyMissing", loose)?.limit).toBe(0);
    expect(limitOf("MembersMissing", { ...ruleSettings, servers: 1 })?.limit).toBe(0);
  });
});

describe("rendering", () => {
  test("reads the series of the stack alone, in every selector", () => {
    for (const { expr } of rules) {
      const unscoped = new RegExp(
        `\\b(${[...expr.metrics, ...expr.records].join("|")})\\b(?!(_bucket)?\\{[^}]*stack="test")`,
      );
      if (expr.metrics.length > 0) expect(expr.text({ stack: "test" })).not.toMatch(unscoped);
    }
    expect(rendered.every(({ labels }) => labels?.["stack"] === "test")).toBe(true);
  });

  test("a rule file has all groups", () => {
    const groups = ruleGroups(ruleSettings);
    expect(parse(ruleFile(groups))).toEqual({ groups });
  });

  test("a recording rule comes after those that it reads", () => {
    recordings.forEach(({ expr }, at) => {
      const before = recordings.slice(0, at).map(({ record }) => record);
      expect(before).toEqual(expect.arrayContaining(expr.records));
    });
  });
});

describe("inhibition", () => {
  const hiding = rules.flatMap(({ name, alert: { hiddenBy = {} } }) =>
    Object.entries(hiddenBy).map(([by, equal]) => [by, name, equal] as const),
  );

  test("names alerts that exist, and goes in no circle", () => {
    expect(hiding.filter(([by]) => !names.includes(by))).toEqual([]);
    const above = (name: string, seen: readonly string[] = []): string[] =>
      hiding
        .filter(([, target]) => target === name)
        .flatMap(([by]) => (seen.includes(by) ? ["circle"] : [by, ...above(by, [...seen, by])]));
    for (const name of names) expect(above(name)).not.toContain(name);
  });

  test("hides no critical alert behind a lower one", () => {
    const highest = (name: string): number =>
      severities.findIndex((severity) => rules.some((rule) => rule.name === name && rule.severity === severity));
    expect(hiding.filter(([by, name]) => highest(by) > highest(name))).toEqual([]);
  });

  test("compares only labels that both alerts have: Alertmanager takes two that are absent for equal", () => {
    const labelsOfCases = (name: string): string[][] =>
      levelCases.filter((level) => level.name === name).map(({ one }) => ["stack", ...Object.keys(one.labels)]);
    for (const [by, name, equal] of hiding)
      for (const labels of [...labelsOfCases(name), ...labelsOfCases(by)])
        expect([name, by, labels]).toEqual([name, by, expect.arrayContaining([...equal])]);
  });

  test("hides a lower level only if it is about the same thing", () => {
    const told = new Set(levelCases.flatMap(({ one }) => Object.keys(one.labels)));
    const [levels] = inhibitRules;
    expect([...told].filter((label) => levels?.equal.includes(label) !== true)).toEqual(["wal_status"]);
  });
});
