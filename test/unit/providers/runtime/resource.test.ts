import fc from "fast-check";
import { bookkeeping, ownProperties } from "../../../../providers/runtime/check";
import { changedInputs, hasUnknown, sameValue, UNKNOWN } from "../../../../providers/runtime/resource";
import { fromStruct, toStruct } from "../../../../providers/runtime/struct";

/**
 * What the engine can send: JSON, whose numbers are floats. -0 is no value of its own there, and the key `__proto__` is
 * none at any depth: google-protobuf assigns it.
 */
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.stringify(value))
  .filter((text) => !text.includes('"__proto__"'))
  .map((text): unknown => JSON.parse(text));
const properties = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  json,
);

test("a struct gives back what was put in, without what is undefined", () => {
  fc.assert(
    fc.property(properties, (some) => {
      expect(fromStruct(toStruct({ ...some, nothing: undefined, nested: { nothing: undefined } }))).toEqual({
        ...some,
        nested: {},
      });
    }),
  );
  expect(fromStruct(undefined)).toEqual({});
});

test("equality is that of the JSON text with sorted keys", () => {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(sameValue(a, structuredClone(a))).toBe(true);
      expect(sameValue(a, b)).toBe(text(a) === text(b));
    }),
  );
  expect(sameValue({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(sameValue([], {})).toBe(false);
});

test("an unknown value is found at any depth", () => {
  fc.assert(
    fc.property(json, (some) => {
      expect(hasUnknown(some)).toBe(false);
      expect(hasUnknown({ a: [some, { b: UNKNOWN }] })).toBe(true);
    }),
  );
});

test("changed inputs are those that differ, added and removed ones too", () => {
  const changes = changedInputs<Record<string, unknown>>({ a: 1, b: [1], c: 3 }, { a: 2, b: [1], d: 4 }, ["a", "c"]);
  expect(changes).toEqual([
    { property: "a", kind: "replace" },
    { property: "c", kind: "replace" },
    { property: "d", kind: "update" },
  ]);
});

test("own properties and bookkeeping share out all keys", () => {
  const both = { a: 1, __meta: "m", __defaults: [], _one: 2 };
  expect(ownProperties(both)).toEqual({ a: 1, _one: 2 });
  expect(bookkeeping(both)).toEqual({ __meta: "m", __defaults: [] });
});
