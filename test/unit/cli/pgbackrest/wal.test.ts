import fc from "fast-check";
import { missingSegments, nameOf, ordinalOf, parseSegment } from "../../../../cli/pgbackrest/wal";

const segment = fc.record({
  timeline: fc.integer({ min: 1, max: 0xffff }),
  ordinal: fc.integer({ min: 0, max: 2 ** 30 }),
});
const run = (timeline: number, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => nameOf({ timeline, ordinal: from + at }));

test("a segment's name is read back as it was written", () => {
  fc.assert(
    fc.property(segment, (one) => {
      expect(nameOf(one)).toMatch(/^[0-9A-F]{24}$/);
      expect(parseSegment(nameOf(one))).toEqual(one);
    }),
  );
});

test.each(["", "00000001.history", "00000001000000000000000G"])("%j is no segment", (name) => {
  expect(() => parseSegment(name)).toThrow("not a WAL segment");
});

test.each([
  ["0/3000028", "000000010000000000000003"],
  ["0/FFFFFFFF", "0000000100000000000000FF"],
  ["1/0", "000000010000000100000000"],
])("LSN %s lies in segment %s", (lsn, name) => {
  expect(ordinalOf(lsn)).toBe(parseSegment(name).ordinal);
});

test("a whole run of segments lacks none, in whatever order it is listed", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 40 }), (from, length) => {
      const names = run(1, from, from + length);
      expect(missingSegments(names.toReversed(), names[0] ?? "")).toEqual([]);
    }),
  );
});

test("each segment that was taken out of the middle is named", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 30 }), fc.nat(), (from, length, pick) => {
      const names = run(1, from, from + length);
      const at = pick % length;
      const [gone] = names.splice(at, 1);
      expect(missingSegments(names, nameOf({ timeline: 1, ordinal: from }))).toEqual([gone]);
    }),
  );
});

test("what was expired before the backup is not missing", () => {
  expect(missingSegments(run(1, 10, 20), "00000001000000000000000C")).toEqual([]);
});

test("an archive without anything from the backup on lacks the backup's own segment", () => {
  expect(missingSegments([], "00000001000000000000000C")).toEqual(["00000001000000000000000C"]);
});

test("a later timeline fills the places from where it began", () => {
  expect(missingSegments([...run(1, 1, 5), ...run(2, 5, 9)], nameOf({ timeline: 1, ordinal: 2 }))).toEqual([]);
  expect(missingSegments([...run(1, 1, 5), ...run(2, 7, 9)], nameOf({ timeline: 1, ordinal: 2 }))).toEqual([
    nameOf({ timeline: 1, ordinal: 6 }),
  ]);
});

test("what an abandoned timeline went on to write is not asked for", () => {
  expect(
    missingSegments(
      [...run(1, 1, 3), ...run(2, 3, 5), nameOf({ timeline: 1, ordinal: 9 })],
      nameOf({ timeline: 1, ordinal: 1 }),
    ),
  ).toEqual([]);
});
