import fc from "fast-check";
import type { ListedSet } from "../../../ops/pgbackrest/sets";
import { Refusal } from "../../../ops/refusal";
import { chooseSet, lsnValue, targetOf, targetWords } from "../../../ops/restore/target";

const at = Date.UTC(2026, 10, 25, 14, 30);

test.each(["2026-11-25 14:30:00 UTC", "2026-11-25T14:30:00Z", "2026-11-25T15:30:00+01:00", "2026-11-25 15:30:00+01"])(
  "%s is that moment",
  (toTime) => {
    expect(targetOf({ toTime })).toEqual({ kind: "time", at });
  },
);

test.each(["2026-11-25 14:30:00", "yesterday", "14:30", ""])("%j is refused: it is no moment with a zone", (toTime) => {
  expect(() => targetOf({ toTime })).toThrow("no moment with a zone");
});

test("without words, the newest WAL is the target", () => {
  expect(targetOf({})).toEqual({ kind: "latest" });
});

test("two targets at a time are refused", () => {
  expect(() => targetOf({ toName: "a", toLsn: "0/1" })).toThrow("one target at a time");
  expect(() => targetOf({ immediate: true, toTime: "2026-11-25T14:30:00Z" })).toThrow("one target at a time");
});

test.each(["", "0/", "/1", "0/1/2", "0/123456789", "zero/1"])("%j is no place in the WAL", (toLsn) => {
  expect(() => targetOf({ toLsn })).toThrow("no place in the WAL");
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

test("pgBackRest is told the moment in UTC, to the millisecond", () => {
  expect(targetWords({ kind: "time", at: at + 7 })).toEqual([
    "--type=time",
    "--target=2026-11-25 14:30:00.007+00",
    "--target-action=promote",
  ]);
  expect(targetWords({ kind: "latest" })).toEqual(["--type=default"]);
});

describe("the backup to restore", () => {
  const set = (label: string, minutes: number, more: Partial<ListedSet> = {}): ListedSet => ({
    label,
    kind: "full",
    needs: [],
    startedAt: at + minutes * 60_000 - 1000,
    stoppedAt: at + minutes * 60_000,
    sound: true,
    size: 1,
    added: 1,
    wal: { start: "", stop: "" },
    stopLsn: `0/${(minutes + 100).toString(16)}000000`,
    ...more,
  });
  const sets = [set("old", 0), set("middle", 10), set("new", 20)];

  test("is the newest that ended before the target", () => {
    const label = (target: Parameters<typeof chooseSet>[1]) => chooseSet(sets, target).label;
    expect(label({ kind: "latest" })).toBe("new");
    expect(label({ kind: "name", name: "x" })).toBe("new");
    expect(label({ kind: "time", at: at + 10 * 60_000 })).toBe("middle");
    expect(label({ kind: "time", at: at + 10 * 60_000 - 1 })).toBe("old");
    expect(label({ kind: "lsn", lsn: sets[1]?.stopLsn ?? "" })).toBe("middle");
  });

  test("is none with bad pages, unless it is named", () => {
    const spoilt = [...sets.slice(0, 2), set("new", 20, { sound: false })];
    expect(chooseSet(spoilt, { kind: "latest" }).label).toBe("middle");
    expect(chooseSet(spoilt, { kind: "latest" }, "new").label).toBe("new");
  });

  test("is refused where the named one ended after the target, or is not there", () => {
    expect(() => chooseSet(sets, { kind: "time", at }, "new")).toThrow("ended after");
    expect(() => chooseSet(sets, { kind: "latest" }, "other")).toThrow("there are: old, middle, new");
  });

  test("is refused where none reaches back that far", () => {
    expect(() => chooseSet(sets, { kind: "time", at: at - 1 })).toThrow(/no backup is older than .* the oldest, old,/);
    expect(() => chooseSet([], { kind: "latest" })).toThrow("holds no backup");
  });
});

test.each(["x'y", "x\\y", "two\nlines", "esc\u001b[2J", "nul\0", "", "ä".repeat(32)])(
  "%j is refused as the name of a restore point: pgBackRest would write it as it is",
  (toName) => {
    expect(() => targetOf({ toName })).toThrow(Refusal);
  },
);

test("control: any other name is taken", () => {
  expect(targetOf({ toName: 'before "release" 1.2; ü' })).toEqual({ kind: "name", name: 'before "release" 1.2; ü' });
});
