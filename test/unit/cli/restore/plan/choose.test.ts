import fc from "fast-check";
import type { ListedSet } from "../../../../../cli/pgbackrest/sets";
import { nameOf } from "../../../../../cli/pgbackrest/wal";
import { chooseSet } from "../../../../../cli/restore/plan/choose";
import type { Target } from "../../../../../cli/restore/plan/target";
import type { Lineage } from "../../../../../cli/restore/plan/timelines";

const at = Date.UTC(2026, 10, 25, 14, 30);

/** A backup that ended `minutes` after `at`, in the segment of that number. */
const set = (label: string, minutes: number, more: Partial<ListedSet> & { timeline?: number } = {}): ListedSet => {
  const { timeline = 1, ...fields } = more;
  const segment = nameOf({ timeline, ordinal: minutes + 100 });
  return {
    label,
    kind: "full",
    needs: [],
    startedAt: at + minutes * 60_000 - 1000,
    stoppedAt: at + minutes * 60_000,
    sound: true,
    size: 1,
    added: 1,
    wal: { start: segment, stop: segment },
    stopLsn: lsnOf(minutes),
    archiveId: "15-1",
    ...fields,
  };
};
const lsnOf = (minutes: number): string => `0/${((minutes + 100) * 16 * 1024 ** 2 + 40).toString(16)}`;
const time = (minutes: number): Target => ({ kind: "time", at: at + minutes * 60_000 });

describe("on one timeline, the backup to restore", () => {
  const sets = [set("old", 0), set("middle", 10), set("new", 20)];

  test("is the newest that ended before the target", () => {
    const label = (target: Target) => chooseSet({ sets }, target).label;
    expect(label({ kind: "latest" })).toBe("new");
    expect(label({ kind: "name", name: "x" })).toBe("new");
    expect(label(time(10))).toBe("middle");
    expect(label({ kind: "time", at: at + 10 * 60_000 - 1 })).toBe("old");
    expect(label({ kind: "lsn", lsn: sets[1]?.stopLsn ?? "" })).toBe("middle");
  });

  test("is none with bad pages, unless it is named", () => {
    const spoilt = [...sets.slice(0, 2), set("new", 20, { sound: false })];
    expect(chooseSet({ sets: spoilt }, { kind: "latest" }).label).toBe("middle");
    expect(chooseSet({ sets: spoilt }, { kind: "latest" }, "new").label).toBe("new");
  });

  test("is refused where the named one ended after the target, or is not there", () => {
    expect(() => chooseSet({ sets }, time(0), "new")).toThrow("ended after");
    expect(() => chooseSet({ sets }, { kind: "latest" }, "other")).toThrow("there are: old, middle, new");
  });

  test("is refused where none reaches back that far", () => {
    expect(() => chooseSet({ sets }, time(-1))).toThrow(/no backup is older than .* the oldest, old,/);
    expect(() => chooseSet({ sets: [] }, { kind: "latest" })).toThrow("has no backup");
  });
});

describe("after a restore in place, which left timeline 1 in the middle", () => {
  // A backup at 10, a restore to 15, the safety backup at 20, the first new one at 30.
  const sets = [set("before", 10), set("safety", 20), set("fresh", 30, { timeline: 2 })];
  const restored: Lineage = [{ timeline: 1, end: lsnOf(15) }, { timeline: 2 }];

  test("a moment between the safety backup and the first new one is reached from before the restore", () => {
    expect(chooseSet({ sets, lineage: restored }, time(25)).label).toBe("before");
    // Control: by time alone it would be the one from which no WAL leads there.
    expect(chooseSet({ sets }, time(25)).label).toBe("safety");
  });

  test("without a new backup, the newest state is reached from before the restore, too", () => {
    expect(chooseSet({ sets: sets.slice(0, 2), lineage: restored }, { kind: "latest" }).label).toBe("before");
  });

  test("what was given up is reached along its own timeline", () => {
    expect(chooseSet({ sets, lineage: [{ timeline: 1 }] }, time(25)).label).toBe("safety");
  });

  test("the safety backup is refused for the new timeline, with the two ways to have it", () => {
    const named = (target: Target) => chooseSet({ sets, lineage: restored }, target, "safety").label;
    expect(() => named({ kind: "latest" })).toThrow(
      /timeline 1 that timeline 2 does not descend from.*--timeline 1.*--immediate/,
    );
    expect(named({ kind: "immediate" })).toBe("safety");
  });

  test("a refusal names the timeline on which there is none", () => {
    expect(() => chooseSet({ sets, lineage: restored }, time(5))).toThrow("no backup on timeline 2 is older than");
    expect(() => chooseSet({ sets, lineage: [{ timeline: 7 }] }, time(25))).toThrow("no intact backup on timeline 7");
  });
});

test("whatever restores and failovers there were, no backup is chosen that PostgreSQL would refuse", () => {
  const history = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 5 });
  const backups = fc.array(fc.record({ minutes: fc.nat({ max: 60 }), timeline: fc.integer({ min: 1, max: 6 }) }));
  fc.assert(
    fc.property(history, backups, fc.nat({ max: 60 }), (left, some, minutes) => {
      const ends = left.toSorted((one, other) => one - other);
      const lineage: Lineage = [
        ...ends.map((end, index) => ({ timeline: index + 1, end: lsnOf(end) })),
        { timeline: ends.length + 1 },
      ];
      const sets = some
        .map((one, index) => set(`${index}`, one.minutes, { timeline: one.timeline }))
        .toSorted((one, other) => one.stoppedAt - other.stoppedAt);
      const timelineOf = ({ wal }: ListedSet): number => parseInt(wal.stop.slice(0, 8), 16);
      const usable = sets.filter((one) => {
        const end = ends[timelineOf(one) - 1];
        const isOn = timelineOf(one) <= ends.length + 1;
        return isOn && one.stoppedAt <= at + Math.min(minutes, end ?? 60) * 60_000;
      });
      const choose = () => chooseSet({ sets, lineage }, time(minutes));
      if (usable.length === 0) expect(choose).toThrow(/no (intact )?backup/);
      else expect(choose().stoppedAt).toBe(usable.at(-1)?.stoppedAt);
    }),
  );
});
