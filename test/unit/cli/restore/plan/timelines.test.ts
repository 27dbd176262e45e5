import fc from "fast-check";
import { nameOf } from "../../../../../cli/pgbackrest/wal";
import {
  abandonedParts,
  holds,
  newestTimeline,
  parseArchive,
  parseHistory,
  segmentsOn,
} from "../../../../../cli/restore/plan/timelines";

const segment = (timeline: number, ordinal: number): string => nameOf({ timeline, ordinal });

/** As PostgreSQL writes it. */
const history = `1\t0/5000060\tbefore 2026-11-25 14:30:00.007+00

2\t0/9000000\tno recovery target specified
`;

test("a history file tells where each parent was left, and ends in its own timeline", () => {
  expect(parseHistory(3, history)).toEqual([
    { timeline: 1, end: "0/5000060" },
    { timeline: 2, end: "0/9000000" },
    { timeline: 3 },
  ]);
  expect(parseHistory(1, "")).toEqual([{ timeline: 1 }]);
});

test("a history with comments and blank lines is read as PostgreSQL reads it", () => {
  expect(parseHistory(2, "# comment\n\n  1 0/5000060\n")).toEqual([{ timeline: 1, end: "0/5000060" }, { timeline: 2 }]);
});

const lineage = parseHistory(3, history);
const backup = (timeline: number, stopLsn: string) => ({ wal: { start: "", stop: segment(timeline, 1) }, stopLsn });

test.each([
  ["ended before its timeline was left", backup(1, "0/4000000"), true],
  ["ended just where its timeline was left", backup(1, "0/5000060"), true],
  ["ended after that", backup(1, "0/5000061"), false],
  ["is on the newest timeline", backup(3, "0/99000000"), true],
  ["is on a timeline of another branch", backup(4, "0/1000000"), false],
])("a backup that %s: replay can begin there or not", (_what, set, expected) => {
  expect(holds(lineage, set)).toBe(expected);
});

test("segments count up to where their timeline was left, and from where it began", () => {
  const names = [
    segment(1, 4),
    segment(1, 5),
    segment(1, 6),
    segment(2, 4),
    segment(2, 5),
    segment(3, 9),
    segment(4, 9),
  ];
  expect(segmentsOn(lineage, names)).toEqual([segment(1, 4), segment(1, 5), segment(2, 5), segment(3, 9)]);
});

test("on a single timeline every segment of it counts, and none is abandoned", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 5000 })), (ordinals) => {
      const names = ordinals.map((ordinal) => segment(1, ordinal));
      expect(segmentsOn([{ timeline: 1 }], names)).toEqual(names);
      expect(abandonedParts([{ timeline: 1 }], { segments: names, began: new Map() })).toEqual([]);
    }),
  );
});

test("WAL behind the place where a timeline was left is a part that was given up", () => {
  const began = new Map([[2, 1000], [3, 2000]]); // prettier-ignore
  expect(abandonedParts(lineage, { segments: [segment(1, 5), segment(1, 6), segment(2, 9)], began })).toEqual([
    { timeline: 1, from: "0/5000060", until: 1000 },
  ]);
  // Control: a failover leaves nothing behind.
  expect(abandonedParts(lineage, { segments: [segment(1, 5), segment(2, 9)], began })).toEqual([]);
});

test("an archive is read with its segments, and when each timeline began", () => {
  const file = (name: string, seconds: number) => [name, { name, type: "file", size: 1, time: seconds }] as const;
  const archive = parseArchive(
    JSON.stringify(
      Object.fromEntries([
        file("00000002.history", 100),
        file(`0000000100000000/${segment(1, 4)}-${"a".repeat(40)}.zst`, 90),
        file(`0000000100000000/${segment(1, 5)}.partial-${"a".repeat(40)}.zst`, 91),
        file(`0000000100000000/${segment(1, 4)}.00000028.backup`, 92),
      ]),
    ),
  );
  expect(archive).toEqual({ segments: [segment(1, 4)], began: new Map([[2, 100_000]]) });
  expect([newestTimeline(archive), newestTimeline({ segments: [], began: new Map() })]).toEqual([2, 1]);
});
