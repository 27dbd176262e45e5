import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ruleFile } from "../../../../components/monitoring/rules";
import { files, nameOf, panelsIn } from "../../../support/monitoring/dashboards/files";
import { substituted } from "../../../support/monitoring/dashboards/promql";
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
