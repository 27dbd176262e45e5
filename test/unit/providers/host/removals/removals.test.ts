import fc from "fast-check";
import { departures, describe as words, isNone, type Made } from "../../../../../providers/host/removals/removals";

const names = (...some: string[]) => fc.uniqueArray(fc.constantFrom(...some), { maxLength: 3 });
const made: fc.Arbitrary<Made> = fc.record({
  schemas: names("s", "t", "u"),
  logins: names("a", "b", "c"),
  removable: fc.boolean(),
});
const config = fc.dictionary(fc.constantFrom("x", "y", "z"), made);

test("of a config that only grows, nothing leaves", () => {
  fc.assert(
    fc.property(config, fc.dictionary(fc.constantFrom("v", "w"), made), (before, more) => {
      expect(isNone(departures(before, { ...more, ...before }))).toBe(true);
    }),
  );
});

test("what leaves is in the former config and not in the new one; all of it, but for what was removable", () => {
  fc.assert(
    fc.property(config, config, (before, after) => {
      const { databases, schemas, logins } = departures(before, after);
      const gone = Object.keys(before).filter((name) => after[name] === undefined);
      expect(databases.going).toEqual(gone);
      expect(databases.kept).toEqual(gone.filter((name) => !before[name]!.removable));
      for (const [database, schema] of schemas) {
        expect(before[database]).toMatchObject({ removable: false });
        expect([before[database]!.schemas.includes(schema), after[database]!.schemas.includes(schema)]).toEqual([
          true,
          false,
        ]);
      }
      const all = (made: Record<string, Made>) => Object.values(made).flatMap((one) => one.logins);
      expect(new Set(logins)).toEqual(new Set(all(before).filter((login) => !all(after).includes(login))));
    }),
  );
});

test("a login that moves to another database does not leave", () => {
  const one = { schemas: ["app"], removable: false };
  const before = { a: { ...one, logins: ["web"] }, b: { ...one, logins: [] } };
  expect(isNone(departures(before, { a: { ...one, logins: [] }, b: { ...one, logins: ["web"] } }))).toBe(true);
});

test("a refusal names five objects and counts the others", () => {
  const text = words.refusal([{ what: 'database "old"', holds: ["a", "b", "c", "d", "e", "f", "g"] }]);
  expect(text).toContain('database "old": a, b, c, d, e and 2 more');
  expect(words.refusal([{ what: 'schema "s"', holds: ["a"] }])).toContain('schema "s": a\n');
});
