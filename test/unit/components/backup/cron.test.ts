import fc from "fast-check";
import { Cron } from "croner";
import { isCron, longestPause, runsOf } from "../../../../components/backup/cron";

const hour = 3_600_000;

test.each(["0 1 * * 0", "*/5 * * * *", "30 1 1 * *", "0 2-23 * * *"])("%s is a schedule", (text) => {
  expect(isCron(text)).toBe(true);
});

test.each([
  "",
  "0 1 * *",
  "0 0 1 * * 0",
  "99 * * * *",
  "a b c d e",
  "0 0 31 2 *",
  "0 1\n* * 0",
  "0 1 * * 0\n",
  "0\t1 * * 0",
  "0 1 * *\u00a00",
  "0 1 * * 0\u001b[2J",
])("%j is none", (text) => {
  expect(isCron(text)).toBe(false);
});

test.each([
  ["0 * * * *", 1],
  ["0 2-23 * * *", 3],
  ["0 1 * * 1-6", 48],
  ["0 1 * * 0", 7 * 24],
  ["30 1 1 * *", 31 * 24],
  ["0 * * * 1-5", 49],
])("the longest pause of %s is %d hours", (text, hours) => {
  expect(longestPause(text)).toBe(hours * hour);
});

test("a schedule without days of the month is looked at for some weeks only, and others for years", () => {
  expect(runsOf("0 1 * * 0").length).toBe(3);
  expect(runsOf("0 1 1 * *").length).toBe(1500);
});

test("some weeks show every pause of a schedule without days of the month", () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 });
  const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(days, hours, fc.integer({ min: 0, max: 59 }), (onDays, atHours, minute) => {
      const schedule = `${minute} ${atHours.join(",")} * * ${onDays.join(",")}`;
      const runs = new Cron(schedule, { utcOffset: 0 }).nextRuns(200, new Date(0)).map((run) => run.getTime());
      expect(longestPause(schedule)).toBe(Math.max(...runs.slice(1).map((run, index) => run - (runs[index] ?? 0))));
    }),
    { numRuns: 50 },
  );
});
