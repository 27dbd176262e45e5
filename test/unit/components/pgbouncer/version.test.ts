import fc from "fast-check";
import { clientsPerLogin, hasSetting } from "../../../../components/pgbouncer/version";

test.each([
  ["PgBouncer 1.18.0", false],
  ["PgBouncer 1.9.0", false],
  ["PgBouncer 1.24.0", true],
  ["PgBouncer 1.24.1-2.pgdg12+1", true],
  ["PgBouncer 1.25.0", true],
  ["PgBouncer 2.0.0", true],
  ["something else", false],
  [undefined, false],
])("%s has a setting of 1.24: %s", (text, expected) => {
  expect(hasSetting(text, [1, 24])).toBe(expected);
});

test("a version has the settings of all before it, and of none after it", () => {
  const part = fc.nat({ max: 99 });
  fc.assert(
    fc.property(fc.tuple(part, part), fc.tuple(part, part), ([major, minor], [sinceMajor, sinceMinor]) => {
      const isSince = major * 100 + minor >= sinceMajor * 100 + sinceMinor;
      expect(hasSetting(`PgBouncer ${major}.${minor}.0`, [sinceMajor, sinceMinor])).toBe(isSince);
    }),
  );
});

test("however many clients there may be, no login can take the last of them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100_000 }), (total) => {
      const own = clientsPerLogin(total);
      expect(own).toBeGreaterThan(total / 2);
      expect(total - own).toBeGreaterThanOrEqual(total / 4);
    }),
  );
});
