import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ruleFile } from "../../../../components/monitoring/rules";
import { files, nameOf, panelsIn } from "../../../support/monitoring/dashboards/files";
import { promqlParser, substituted } from "../../../support/monitoring/dashboards/promql";
import { seriesFor } from "../../../support/monitoring/dashboards/series";
import { runPromtool } from "../../../support/monitoring/promtool";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dashboards-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What promtool says of queries, each as a recording rule. */
function checked(queries: readonly string[]) {
  const rules = queries.map((query, at) => ({ record: `query:${at}`, expr: substituted(query) }));
  writeFileSync(join(folder, "queries.yml"), ruleFile([{ name: "queries", rules }]));
  return runPromtool(["check", "rules", "queries.yml"], folder);
}

test.each(files)(
  "promtool accepts every query of %s, those of variables and annotations included",
  (_name, dashboard) => {
    const { templating, annotations } = dashboard;
    const series = templating.list.flatMap((one) =>
      one.type === "query" ? [one.query.replace(/^label_values\(/, "(").replace(/, \w+\)$/, ")")] : [],
    );
    const queries = panelsIn(dashboard).flatMap(({ id, targets }) => {
      expect(nameOf.has(id)).toBe(true);
      return targets.map(({ expr }) => expr);
    });
    const all = [...series, ...annotations.list.map(({ expr }) => expr), ...queries];
    const { code, stdout, stderr } = checked(all);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`SUCCESS: ${all.length} rules found`);
  },
);

test("control: what is no PromQL is refused", () => {
  // The grammar alone would take the first of these: a rate needs a range.
  for (const query of ["rate(up)", "sum by (server (up)"]) expect(checked([query]).code).not.toBe(0);
});

describe("on series with the labels of the catalogue", () => {
  const step = 300;
  /** A week and a day: panels compare with last week. */
  const samples = (8 * 86_400) / step;

  /** Queries that find nothing, or that Prometheus cannot evaluate since labels do not fit. */
  async function failing(queries: readonly string[]): Promise<string[]> {
    const parse = await promqlParser();
    const selectors = queries.flatMap((query) => parse(query).selectors);
    const test = {
      interval: `${step}s`,
      input_series: seriesFor(selectors, samples),
      promql_expr_test: queries.map((query) => ({
        expr: `count(${substituted(query)}) > bool 0`,
        eval_time: `${samples * step}s`,
        exp_samples: [{ labels: "{}", value: 1 }],
      })),
    };
    writeFileSync(
      join(folder, "data.yml"),
      stringify({ rule_files: [], evaluation_interval: `${step}s`, tests: [test] }, { lineWidth: 0 }),
    );
    const { stdout, stderr } = runPromtool(["test", "rules", "data.yml"], folder);
    const text = `${stdout}${stderr}`;
    return text.includes("SUCCESS") ? [] : text.split("\n").filter((line) => /expr: |err: |error/i.test(line));
  }

  test("every query finds something", async () => {
    const queries = files.flatMap(([, dashboard]) =>
      panelsIn(dashboard).flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    );
    expect(await failing([...new Set(queries)])).toEqual([]);
  });

  test("control: labels that do not fit, and pairs that are not one to one, are found", async () => {
    expect(await failing(["pg_up * on (datname) pg_stat_database_deadlocks"])).not.toEqual([]);
    expect(await failing(["pg_up / pg_stat_database_deadlocks"])).not.toEqual([]);
    expect(await failing(["pg_up"])).toEqual([]);
  });
});
