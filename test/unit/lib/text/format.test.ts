import { count, formatBytes, formatSpan, formatTime } from "../../../../lib/text/format";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 kB"],
  [3_774_873, "3.6 MB"],
  [150 * 1024 ** 3, "150 GB"],
  [5 * 1024 ** 5, "5120 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-5, "0.0 s"],
  [1_500, "1.5 s"],
  [59_000, "59 s"],
  [60_000, "1 min"],
  [7_300_000, "2 h"],
  [3 * 86_400_000, "3 d"],
])("%d milliseconds are %s", (milliseconds, text) => {
  expect(formatSpan(milliseconds)).toBe(text);
});

test("a moment is shown in UTC, to the second", () => {
  expect(formatTime(Date.UTC(2026, 10, 25, 14, 30, 1, 999))).toBe("2026-11-25 14:30:01 UTC");
});

test("one thing is no things", () => {
  expect([count(0, "table"), count(1, "table"), count(2, "table")]).toEqual(["0 tables", "1 table", "2 tables"]);
});
