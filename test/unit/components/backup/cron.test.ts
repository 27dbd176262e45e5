import { isCron, longestPause } from "../../../../components/backup/cron";

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
