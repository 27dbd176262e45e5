import { type MetricsInput, renderMetrics } from "../../../../cli/metrics/textfile";

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 25, 12, minute)).toISOString();
const drill = { set: "1F", quick: false, size: 1, checks: [] };
const objectives = { drillSeconds: 691_200, archiveSeconds: 60 };
const linesOf = (input: Partial<MetricsInput>): string[] => {
  const text = renderMetrics({ sets: [], runs: [], drills: [], objectives, ...input });
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
};

test("a stack without backups and drills shows its limits, and no figure that was not measured", () => {
  expect(linesOf({})).toEqual([
    "howdah_backups 0",
    "howdah_archive_timeout_seconds 60",
    "howdah_drill_overdue_seconds 691200",
  ]);
});

test("a failed drill shows as such, together with what the last good one found", () => {
  const lines = linesOf({
    drills: [
      { ...drill, at: at(1), passed: true, rtoSeconds: 4, rpoSeconds: 30 },
      { ...drill, at: at(2), passed: true, rtoSeconds: 5, quick: true },
      { ...drill, at: at(3), passed: false, cause: { check: "canary", reason: "it is gone" } },
    ],
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      `howdah_drill_last_success_timestamp_seconds ${Date.parse(at(2)) / 1000}`,
      "howdah_drill_success 0",
      "howdah_drill_rto_seconds 5",
      "howdah_drill_rpo_seconds 30",
    ]),
  );
});

test("the last run of each tier shows whether it succeeded", () => {
  const run = { seconds: 1, detail: "" };
  const lines = linesOf({
    runs: [
      { ...run, at: at(1), tier: "daily", passed: true },
      { ...run, at: at(2), tier: "daily", passed: false },
      { ...run, at: at(3), tier: "schema", passed: true },
    ],
  });
  expect(lines).toContain('howdah_backup_run_success{tier="daily",kind="physical"} 0');
  expect(lines).toContain('howdah_backup_run_success{tier="schema",kind="logical"} 1');
});
