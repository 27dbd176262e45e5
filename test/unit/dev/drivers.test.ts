import { readFileSync } from "node:fs";
import { driversFile, driversText } from "../../../dev/drivers/drivers";
import type { Results } from "../../../dev/drivers/results";
import { resultsTable } from "../../../dev/drivers/table";

test("docs/drivers.md has the lines that `howdah connect --print` writes", () => {
  const text = readFileSync(driversFile, "utf8");
  expect(driversText(text)).toBe(text);
});

const results: Results = {
  date: "2026-01-02",
  machine: "debian 12, 2 cores, 8 GB of memory",
  drivers: {
    good: {
      version: "1.2",
      smoke: { prepared: true, cancel: null, copy: true, listen: false, advisoryLock: false },
      switchover: { committed: 900, retried: 5, failed: 2, errors: {} },
      kill: "ends the process",
    },
  },
  skipped: { pgx: "no go on this machine" },
};

test("the table has a row for each driver, also for one that did not run", () => {
  const [, , good, skipped] = resultsTable(results).split("\n");
  expect(good).toBe("| good | 1.2 | yes | – | yes | no | no | 2 / 5 of 900 | ends the process |");
  expect(skipped).toBe("| pgx | skipped: no go on this machine | – | – | – | – | – | – | – |");
});

test("the table names its run", () => {
  expect(resultsTable(results).split("\n").slice(-2)).toEqual([
    "",
    "The whole table is of one run of the test, on 2026-01-02 (debian 12, 2 cores, 8 GB of memory).",
  ]);
});

test("results go between the marks, and nothing else changes", () => {
  const text = readFileSync(driversFile, "utf8");
  const written = driversText(text, results);
  expect(written).toContain("| good | 1.2 |");
  expect(driversText(written, results)).toBe(written);
  expect(written.split("<!--")[0]).toBe(text.split("<!--")[0]);
});

test("a page without its marks is refused", () => {
  expect(() => driversText("# Drivers\n")).toThrow("lacks the marks");
});
