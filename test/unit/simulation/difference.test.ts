import fc from "fast-check";
import { UNKNOWN } from "../../../providers/runtime/resource";
import { differences, isAsWanted } from "../../simulation/difference";

/** Inputs of a resource: nothing is null there, and no key is one that assignment takes for a prototype. */
const value = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean()),
  node: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tie("node"), { maxKeys: 3 }),
  ),
})).node; // prettier-ignore
const inputs = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), value, { maxKeys: 4 });

test("a world that has what was asked for, and more, is as wanted", () => {
  fc.assert(
    fc.property(inputs, inputs, (asked, more) => {
      const state = { ...more, ...asked };
      expect(isAsWanted({ given: asked, actual: state, wanted: asked })).toBe(true);
      expect(differences({ inputs: asked, state }, asked, Object.keys(asked))).toEqual([]);
    }),
  );
});

test("a changed, an added and a removed input each show, as a replacement where they have to", () => {
  fc.assert(
    fc.property(inputs, fc.boolean(), (asked, fatal) => {
      const old = { inputs: { ...asked, zone: "a", gone: 1 }, state: { ...asked, zone: "a", gone: 1 } };
      const changes = differences(old, { ...asked, zone: "b", fresh: 1 }, fatal ? ["zone"] : []);
      expect(Object.fromEntries(changes.map(({ property, kind }) => [property, kind]))).toEqual({
        zone: fatal ? "replace" : "update",
        gone: "update",
        fresh: "update",
      });
    }),
  );
});

test("drift is distinguished from a change of the program, and an unknown value replaces nothing in advance", () => {
  const old = { inputs: { a: 1, zone: "a" }, state: { a: 2, zone: "a" } };
  expect(differences(old, { a: 1, zone: UNKNOWN }, ["zone"])).toEqual([
    { property: "a", kind: "update", drift: true },
    { property: "zone", kind: "update", drift: false },
  ]);
});
