import fc from "fast-check";
import { compareDigests, type Digest } from "../../../ops/drill/samples";

const tables = [1, 2, 3].map((at) => ({ database: "app", name: `app.t${at}` }));
const compare = (before: Digest[], after: Digest[], restored: Digest[]) =>
  compareDigests(tables, { before, after, restored });

test("a quiet table with the same rows is equal", () => {
  expect(compare(["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"])).toEqual({ equal: 3, busy: 0, different: [] });
});

test("a quiet table with other rows is named, with what it has and should have", () => {
  const { different } = compare(["a", "2 rows, 7", "c"], ["a", "2 rows, 7", "c"], ["a", "1 rows, 4", "c"]);
  expect(different).toEqual(["app: app.t2 has 1 rows, 4 instead of 2 rows, 7"]);
});

test("a quiet table that is gone from the restored server is named", () => {
  expect(compare(["a", "b", "c"], ["a", "b", "c"], ["a", "b", undefined]).different).toHaveLength(1);
});

test("of a table that was written to meanwhile nothing is said", () => {
  expect(compare(["a", "b", "c"], ["x", "b", undefined], ["y", "b", "z"])).toEqual({
    equal: 1,
    busy: 2,
    different: [],
  });
});

test("every table is equal, busy or different", () => {
  const digests = fc.array(fc.constantFrom("a", "b", undefined), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(digests, digests, digests, (before, after, restored) => {
      const { equal, busy, different } = compare(before, after, restored);
      expect(equal + busy + different.length).toBe(3);
    }),
  );
});
