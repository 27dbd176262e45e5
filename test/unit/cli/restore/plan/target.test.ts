import fc from "fast-check";
import { Refusal } from "../../../../../lib/errors";
import { explainEnd, lsnValue, targetOf, targetSettings } from "../../../../../cli/restore/plan/target";

const at = Date.UTC(2026, 10, 25, 14, 30);

test.each(["2026-11-25 14:30:00 UTC", "2026-11-25T14:30:00Z", "2026-11-25T15:30:00+01:00", "2026-11-25 15:30:00+01"])(
  "%s is that moment",
  (toTime) => {
    expect(targetOf({ toTime })).toEqual({ kind: "time", at });
  },
);

test.each(["2026-11-25 14:30:00", "yesterday", "14:30", ""])("%j is refused: it is no moment with a zone", (toTime) => {
  expect(() => targetOf({ toTime })).toThrow("not a time with a zone");
});

test("without words, the newest WAL is the target", () => {
  expect(targetOf({})).toEqual({ kind: "latest" });
});

test("two targets at a time are refused", () => {
  expect(() => targetOf({ toName: "a", toLsn: "0/1" })).toThrow("more than one target");
  expect(() => targetOf({ immediate: true, toTime: "2026-11-25T14:30:00Z" })).toThrow("more than one target");
});

test.each(["", "0/", "/1", "0/1/2", "0/123456789", "zero/1"])("%j is no place in the WAL", (toLsn) => {
  expect(() => targetOf({ toLsn })).toThrow("not an LSN");
});

test("LSNs compare as their numbers do, not as their texts", () => {
  const part = fc.nat({ max: 0xffffffff });
  fc.assert(
    fc.property(fc.tuple(part, part), fc.tuple(part, part), ([a, b], [c, d]) => {
      const [left, right] = [`${a.toString(16)}/${b.toString(16)}`, `${c.toString(16)}/${d.toString(16)}`];
      expect(lsnValue(left) < lsnValue(right)).toBe(a < c || (a === c && b < d));
    }),
  );
});

test("PostgreSQL gets the target time in UTC, to the millisecond, and to be promoted there", () => {
  expect(targetSettings({ kind: "time", at: at + 7 })).toEqual({
    recovery_target_time: "2026-11-25 14:30:00.007+00",
    recovery_target_action: "promote",
  });
  expect(targetSettings({ kind: "lsn", lsn: "0/3000028" })).toMatchObject({ recovery_target_lsn: "0/3000028" });
  expect(targetSettings({ kind: "name", name: "it's" })).toMatchObject({ recovery_target_name: "it's" });
  expect(targetSettings({ kind: "immediate" })).toMatchObject({ recovery_target: "immediate" });
  expect(targetSettings({ kind: "latest" })).toEqual({});
});

test("a moment that has not come is refused, with the time that it is here; one that has is a target", () => {
  const toTime = "2026-11-25 14:30:00 UTC";
  expect(() => targetOf({ toTime }, at - 1)).toThrow(
    /2026-11-25T14:30:00\.000Z.* is in the future: the clock of this machine says 2026-11-25T14:29:59\.999Z/,
  );
  expect(targetOf({ toTime }, at)).toEqual({ kind: "time", at });
  expect(() => targetOf({ toTime: "9999-01-01T00:00:00Z" })).toThrow("is in the future");
});

test("a replay that ended too early is reported with the time of its last transaction, and what to do instead", () => {
  expect(explainEnd({ kind: "time", at })("2026-11-25 14:00:00+00")).toMatch(
    /last transaction is from 2026-11-25 14:00:00\+00.*Omit the target/,
  );
  expect(explainEnd({ kind: "name", name: "x" })(undefined)).toMatch(/no restore point of that name.*older backup/);
});

test.each(["two\nlines", "esc\u001b[2J", "nul\0", "", "ä".repeat(32)])("%j is no name of a restore point", (toName) => {
  expect(() => targetOf({ toName })).toThrow(Refusal);
});

test("control: any other name is taken, quotes and backslashes too", () => {
  for (const toName of ['before "release" 1.2; ü', "it's", "x\\y"])
    expect(targetOf({ toName })).toEqual({ kind: "name", name: toName });
});
