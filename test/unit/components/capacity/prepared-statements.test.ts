import fc from "fast-check";
import { preparedStatements, statementBytes } from "../../../../components/capacity/prepared-statements";
import { GB, MB } from "../../../../lib/units";

test.each([
  [GB, 20, 25],
  [16 * GB, 80, 102],
  [256 * GB, 200, 200],
  [512 * MB, 100, 10],
])("%d bytes and %d pooled connections keep %d statements each", (memory, pooled, expected) => {
  expect(preparedStatements(memory, pooled)).toBe(expected);
});

test("all of them take a thirty-second part of the memory at most, unless that is too little for ten each", () => {
  fc.assert(
    fc.property(fc.integer({ min: 256, max: 1_000_000 }), fc.integer({ min: 0, max: 5000 }), (megabytes, pooled) => {
      const count = preparedStatements(megabytes * MB, pooled);
      expect(Number.isInteger(count)).toBe(true);
      expect(count).toBeGreaterThanOrEqual(10);
      expect(count).toBeLessThanOrEqual(200);
      if (count > 10) expect(count * pooled * statementBytes).toBeLessThanOrEqual((megabytes * MB) / 32);
    }),
  );
});
