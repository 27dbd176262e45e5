import fc from "fast-check";
import { configurationPatch } from "../../../../../providers/host/patroni/configuration";
import type { Properties } from "../../../../../providers/runtime/resource";

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What Patroni does with `PATCH /config` (`patch_config` in patroni/utils.py): merges, and null removes. */
function patched(config: Properties, patch: Properties): Properties {
  const result = { ...config };
  for (const [key, value] of Object.entries(patch)) {
    const present = result[key];
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = isObject(value) && isObject(present) ? patched(present, value) : value;
  }
  return result;
}

const key = fc.constantFrom("a", "b", "c", "d");
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[a-z]{1,4}$/), fc.array(fc.integer()));
const { tree: configuration } = fc.letrec<{ tree: Properties }>((tie) => ({
  tree: fc.dictionary(key, fc.oneof({ depthSize: "small" }, leaf, tie("tree")), { maxKeys: 4 }),
}));

const ours = (config: Properties, wanted: Properties): Properties =>
  Object.fromEntries(Object.entries(config).filter(([name]) => name in wanted));

test("patched, the DCS says what is wanted, and everybody else's keys as before; a second patch is none", () => {
  fc.assert(
    fc.property(configuration, configuration, (actual, wanted) => {
      const patch = configurationPatch(actual, wanted);
      const result = patch === undefined ? actual : patched(actual, patch);
      expect(ours(result, wanted)).toEqual(wanted);
      const foreign = Object.entries(actual).filter(([name]) => !(name in wanted));
      expect(Object.entries(result).filter(([name]) => !(name in wanted))).toEqual(foreign);
      expect(configurationPatch(result, wanted)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test("a patch names only what differs", () => {
  const actual = {
    ttl: 30,
    postgresql: { parameters: { work_mem: "4MB", max_connections: 100, gone: 1 } },
    pause: true,
  };
  const wanted = { ttl: 20, postgresql: { parameters: { work_mem: "4MB", max_connections: 200 } } };
  expect(configurationPatch(actual, wanted)).toEqual({
    ttl: 20,
    postgresql: { parameters: { max_connections: 200, gone: null } },
  });
});

test.each([
  [8, "8"],
  ["on", "on"],
  [true, "true"],
  [null, undefined],
  [
    [1, 2],
    [1, 2],
  ],
])("%j and %j are the same setting", (from, to) => {
  expect(configurationPatch({ a: { b: from } }, { a: { b: to } })).toBeUndefined();
});

test.each([
  [8, "8MB"],
  [
    [1, 2],
    [2, 1],
  ],
  [true, "on"],
  [undefined, false],
])("%j and %j are not", (from, to) => {
  expect(configurationPatch({ a: { b: from } }, { a: { b: to } })).toEqual({ a: { b: to } });
});
