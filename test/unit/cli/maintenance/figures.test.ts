import fc from "fast-check";
import { bloatOf, expectedBytes, type IndexFigures, isBloated, measuredBloat } from "../../../../cli/maintenance/bloat";
import { type TableFigures, vacuumReason } from "../../../../cli/maintenance/vacuum";

const quiet: TableFigures = {
  rows: 1000,
  dead: 0,
  insertedSinceVacuum: 0,
  changedSinceAnalyze: 0,
  age: 0,
  largestAge: 200_000_000,
};

test("a table without writes needs no vacuum", () => {
  expect(vacuumReason(quiet)).toBeUndefined();
});

test.each([
  [{ dead: 151 }, { reason: "151 dead rows", freeze: false }],
  [{ insertedSinceVacuum: 1101 }, { reason: "1101 rows inserted", freeze: false }],
  [{ changedSinceAnalyze: 101 }, { reason: "101 changes not analyzed", freeze: false }],
  [{ age: 100_000_001 }, { reason: "oldest transaction 100000001 ago", freeze: true }],
])("%j is a reason for one", (change, expected) => {
  expect(vacuumReason({ ...quiet, ...change })).toEqual(expected);
});

const figures = fc.record({
  rows: fc.integer({ min: -1, max: 1e9 }),
  dead: fc.nat(1e9),
  insertedSinceVacuum: fc.nat(1e9),
  changedSinceAnalyze: fc.nat(1e9),
  age: fc.nat(2e9),
  largestAge: fc.integer({ min: 1e5, max: 2e9 }),
});

test("a table that needs a vacuum still needs it with more dead rows and an older transaction", () => {
  fc.assert(
    fc.property(figures, fc.nat(1e6), fc.nat(1e6), (table, dead, age) => {
      const worse = { ...table, dead: table.dead + dead, age: table.age + age };
      return vacuumReason(table) === undefined || vacuumReason(worse) !== undefined;
    }),
  );
});

const index: fc.Arbitrary<IndexFigures> = fc.record({
  rows: fc.nat(1e8),
  width: fc.double({ min: 1, max: 2000, noNaN: true }),
  nullable: fc.boolean(),
  fillFactor: fc.integer({ min: 10, max: 100 }),
  bytes: fc.nat(1e12),
  page: fc.constantFrom(8192),
});

test("an index holds at least its rows, and more rows never make a smaller one", () => {
  fc.assert(
    fc.property(index, fc.nat(1e6), (one, more) => {
      const bytes = expectedBytes(one);
      return bytes >= one.rows * one.width && expectedBytes({ ...one, rows: one.rows + more }) >= bytes;
    }),
  );
});

test("air is a share between 0 and 1, and an index of the expected size has none", () => {
  fc.assert(
    fc.property(index, (one) => {
      const { share } = bloatOf(one);
      const fresh = bloatOf({ ...one, bytes: expectedBytes(one) });
      return share >= 0 && share <= 1 && fresh.share === 0 && !isBloated(fresh);
    }),
  );
});

test("small or dense indexes are not worth a rebuild", () => {
  const megabyte = 1024 ** 2;
  expect(isBloated({ share: 0.9, bytes: megabyte })).toBe(false);
  expect(isBloated({ share: 0.3, bytes: 100 * megabyte })).toBe(false);
  expect(isBloated({ share: 0.5, bytes: 8 * megabyte })).toBe(true);
  expect(measuredBloat({ bytes: 100 * megabyte, fillFactor: 90 }, 90)).toEqual({ share: 0, bytes: 0 });
  expect(measuredBloat({ bytes: 100 * megabyte, fillFactor: 90 }, 45).share).toBe(0.5);
});
