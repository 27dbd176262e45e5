import fc from "fast-check";
import { isSince } from "../../../lib/release";

test.each([
  ["PgBouncer 1.18.0", false],
  ["PgBouncer 1.9.0", false],
  ["PgBouncer 1.24.0", true],
  ["PgBouncer 1.24.1-2.pgdg12+1", true],
  ["PgBouncer 1.25.0", true],
  ["PgBouncer 2.0.0", true],
  ["something else", false],
  ["", false],
])("%s is 1.24 or newer: %s", (said, expected) => {
  expect(isSince(said, [1, 24])).toBe(expected);
});

test("a version is since all before it, and since none after it", () => {
  const part = fc.nat({ max: 99 });
  fc.assert(
    fc.property(fc.tuple(part, part), fc.tuple(part, part), ([major, minor], [sinceMajor, sinceMinor]) => {
      const expected = major * 100 + minor >= sinceMajor * 100 + sinceMinor;
      expect(isSince(`PgBouncer ${major}.${minor}.0`, [sinceMajor, sinceMinor])).toBe(expected);
    }),
  );
});
