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

/** Whether the rules of these groups, without annotations, pass a test of promtool. */
function passes(name: string, groups: readonly string[], test: object): string | undefined {
  const bare = ruleGroups(ruleSettings)
    .filter((group) => groups.includes(group.name))
    .map((group) => ({
      ...group,
      rules: group.rules.map((rule) => (rule.alert === undefined ? rule : { ...rule, annotations: {} })),
    }));
  writeFileSync(join(folder, `${name}.yml`), ruleFile(bare));
  const text = { rule_files: [`${name}.yml`], evaluation_interval: "15s", tests: [test] };
  writeFileSync(join(folder, `${name}.test.yml`), stringify(text));
  return results([`${name}.test.yml`]).get(`${name}.test.yml`);
}

describe("what has only just begun", () => {
  test("a disk of which less than an hour is known has no trend", () => {
    const disk = { device: "/dev/vdb", fstype: "ext4", mountpoint: "/new", host: "h1" };
    const labels = Object.entries({ stack: "test", ...disk }).map(([name, value]) => `${name}="${value}"`);
    const alert = (severity: string) => ({
      exp_labels: { stack: "test", severity, nature: "cause", area: "storage", ...disk },
      exp_annotations: {},
    });
    const test = {
      interval: "1m",
      input_series: [
        // Full after a hundred minutes.
        { series: `node_filesystem_avail_bytes{${labels.join()}}`, values: "100000000-1000000x99" },
        { series: `node_filesystem_size_bytes{${labels.join()}}`, values: "1000000000x99" },
      ],
      alert_rule_test: [
        { eval_time: "50m", alertname: "DiskFills", exp_alerts: [] },
        { eval_time: "95m", alertname: "DiskFills", exp_alerts: [alert("critical"), alert("warning")] },
      ],
    };
    expect(passes("trend", ["howdah-storage"], test)).toBe("SUCCESS");
  });

  test("a statement that was not there yesterday has not become slower", () => {
    const labels = 'stack="test",server="node1",datname="app",user="app",queryid="1"';
    const test = {
      interval: "1m",
      input_series: [
        { series: `pg_stat_statements_calls_total{${labels}}`, values: "0+6000x680" },
        // A thousandth of a second, and after ten hours ten times as much.
        { series: `pg_stat_statements_seconds_total{${labels}}`, values: "0+6x599 3654+60x80" },
      ],
      alert_rule_test: ["590m", "630m", "650m"].map((eval_time) => ({
        eval_time,
        alertname: "StatementRegressed",
        exp_alerts: [],
      })),
    };
    expect(passes("regression", ["howdah-recording", "howdah-speed"], test)).toBe("SUCCESS");
  });
});

describe("planned work", () => {
  test("silences what it explains until five minutes after its end", () => {
    const labels = { stack: "test", severity: "critical", nature: "cause", area: "service", server: "node1" };
    const work = {
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
    };
    expect(passes("work", ["howdah-service"], work)).toBe("SUCCESS");
  });
});
