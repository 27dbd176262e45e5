import fc from "fast-check";
import { compareDigests, type Digest } from "../../../../cli/drill/samples";

const tables = [1, 2, 3].map((at) => ({ database: "app", name: `app.t${at}` }));
const of = (rows: number, sha256 = `hash of ${rows}`): Digest => ({ rows, sha256 });
const [a, b, c] = [of(1), of(2), of(3)];
const trouble: Digest = { trouble: "permission denied for table t2" };
const compare = (before: Digest[], after: Digest[], restored: Digest[]) =>
  compareDigests(tables, { before, after, restored });

test("a quiet table with the same rows is equal", () => {
  expect(compare([a, b, c], [a, b, c], [a, b, c])).toEqual({ equal: 3, busy: 0, unread: [], different: [] });
});

test.each<[string, Digest, string]>([
  ["fewer rows", of(1), "has 1 row instead of 2"],
  ["as many rows with other values", of(2, "another"), "has different values in its 2 rows"],
  ["no such table", undefined, "is missing"],
  ["an error", trouble, "cannot be read: permission denied for table t2"],
])("a quiet table of which the restored server has %s is named, with what it has", (_what, restored, text) => {
  expect(compare([a, b, c], [a, b, c], [a, restored, c]).different).toEqual([`app: app.t2 ${text}`]);
});

test("of a table that was written to, dropped or locked meanwhile nothing is said", () => {
  expect(compare([a, b, undefined], [b, undefined, c], [c, a, c])).toMatchObject({ equal: 0, busy: 3, different: [] });
});

test("a table that the primary cannot give is not the same, whatever the restored server has", () => {
  expect(compare([a, trouble, c], [a, trouble, c], [a, trouble, c])).toMatchObject({
    equal: 2,
    busy: 0,
    unread: ["app: app.t2: permission denied for table t2"],
  });
});

test("every table is equal, busy, unread or different", () => {
  const digests = fc.array(fc.constantFrom(a, b, undefined, trouble), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(digests, digests, digests, (before, after, restored) => {
      const { equal, busy, unread, different } = compare(before, after, restored);
      expect(equal + busy + unread.length + different.length).toBe(3);
    }),
  );
});
