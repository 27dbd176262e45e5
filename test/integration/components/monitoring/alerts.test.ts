import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ruleFile, ruleGroups } from "../../../../components/monitoring/rules";
import { runPromtool } from "../../../support/monitoring/promtool";
import { levelCases, ruleTest } from "../../../support/monitoring/rule-test";
import { ruleSettings } from "../../../support/monitoring/settings";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alerts-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What promtool says of each test file, by the file's name. */
function results(files: readonly string[]): Map<string, string> {
  const { stdout, stderr } = runPromtool(["test", "rules", ...files], folder);
  const parts = `${stdout}${stderr}`.split("Unit Testing: ").slice(1);
  return new Map(
    parts.map((part) => [part.slice(0, part.indexOf("\n")).trim(), part.slice(part.indexOf("\n")).trim()]),
  );
}

describe("the alert", () => {
  const files = levelCases.map(({ name, severity }) => `${name}-${severity}.test.yml`);
  let said = new Map<string, string>();

  // One process for all: a call for each of them would take a minute.
  beforeAll(() => {
    for (const level of levelCases) {
      const base = `${level.name}-${level.severity}`;
      const { rules, test } = ruleTest(level, `${base}.rules.yml`);
      writeFileSync(join(folder, `${base}.rules.yml`), rules);
      writeFileSync(join(folder, `${base}.test.yml`), test);
    }
    said = results(files);
  });

  test.each(files)("%s is silent one step below its threshold, fires above it, and ends", (file) => {
    expect(said.get(file)).toBe("SUCCESS");
  });
});

test("promtool accepts all rules", () => {
  writeFileSync(join(folder, "all.yml"), ruleFile(ruleGroups(ruleSettings)));
  const { code, stdout, stderr } = runPromtool(["check", "rules", "--lint=all", "--lint-fatal", "all.yml"], folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

describe("planned work", () => {
  const labels = { stack: "test", severity: "critical", nature: "cause", area: "service", server: "node1" };
  const work = {
    rule_files: ["service.yml"],
    evaluation_interval: "15s",
    tests: [
      {
        interval: "15s",
        input_series: [
          { series: 'pg_up{stack="test",server="node1"}', values: "0x120" },
          // Announced for the first five minutes.
          { series: 'howdah_planned_work{stack="test",work="update"}', values: "1x20 0x100" },
        ],
        // Five minutes more after the end of the work, and the minute that the alert waits.
        alert_rule_test: [
          ...["5m", "11m"].map((eval_time) => ({ eval_time, alertname: "PostgresDown", exp_alerts: [] })),
          { eval_time: "11m45s", alertname: "PostgresDown", exp_alerts: [{ exp_labels: labels, exp_annotations: {} }] },
        ],
      },
    ],
  };

  test("silences what it explains until five minutes after its end", () => {
    const groups = ruleGroups(ruleSettings).filter(({ name }) => name === "howdah-service");
    const bare = groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, annotations: {} })),
    }));
    writeFileSync(join(folder, "service.yml"), ruleFile(bare));
    writeFileSync(join(folder, "work.test.yml"), stringify(work));
    expect(results(["work.test.yml"]).get("work.test.yml")).toBe("SUCCESS");
  });
});
