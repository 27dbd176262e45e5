import fc from "fast-check";
import { Cap, RestOfCounters } from "../../../../cli/metrics/cap";

const hour = 3_600_000;

const candidates = (weights: Readonly<Record<string, number>>) =>
  Object.entries(weights).map(([key, weight]) => ({ key, weight }));

test("an entry stays for a day, although another is heavier by now, and leaves afterwards", () => {
  let now = 0;
  const cap = new Cap(2, () => now);
  expect([...cap.pick(candidates({ a: 3, b: 2, c: 1 }))].sort()).toEqual(["a", "b"]);
  now = 23 * hour;
  expect([...cap.pick(candidates({ a: 3, b: 2, c: 9 }))].sort()).toEqual(["a", "b"]);
  now = 24 * hour;
  expect([...cap.pick(candidates({ a: 3, b: 2, c: 9 }))].sort()).toEqual(["a", "c"]);
});

test("an entry that is gone makes room after an hour, and has its place until then", () => {
  let now = 0;
  const cap = new Cap(1, () => now);
  cap.pick(candidates({ a: 3, b: 2 }));
  now = hour - 1;
  expect([...cap.pick(candidates({ b: 2 }))]).toEqual([]);
  expect([...cap.pick(candidates({ a: 1, b: 2 }))]).toEqual(["a"]);
  now += hour;
  expect([...cap.pick(candidates({ b: 2 }))]).toEqual(["b"]);
});

test("names that are new each time make no more series in an hour than there are places", () => {
  let now = 0;
  const cap = new Cap(5, () => now);
  const shown = new Set<string>();
  for (; now < hour; now += 15_000)
    for (const key of cap.pick(candidates({ [`${now} a`]: 1, [`${now} b`]: 1 }))) shown.add(key);
  expect(shown.size).toBe(5);
});

test("never more than the limit, none that is not there, and the same ones within a day", () => {
  const rounds = fc.array(fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), fc.nat(100)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), rounds, (limit, all) => {
      const cap = new Cap(limit, () => 0);
      let before = new Set<string>();
      for (const weights of all) {
        const picked = cap.pick(candidates(weights));
        expect(picked.size).toBeLessThanOrEqual(limit);
        for (const key of picked) expect(Object.keys(weights)).toContain(key);
        for (const key of before) if (key in weights) expect(picked).toContain(key);
        before = new Set(picked);
      }
    }),
  );
});

test("the rest of counters never shrinks, and grows by what the entries of the rest have grown", () => {
  const rest = new RestOfCounters();
  const isApart = (key: string): boolean => key === "a";
  expect(rest.add(new Map([["a", [100]], ["b", [5]]]), isApart)).toEqual([0]); // prettier-ignore
  expect(rest.add(new Map([["a", [150]], ["b", [7]], ["c", [3]]]), isApart)).toEqual([5]); // prettier-ignore
  // One is evicted, one was reset.
  expect(rest.add(new Map([["a", [150]], ["b", [1]]]), isApart)).toEqual([6]); // prettier-ignore
  expect(rest.add(new Map([["a", [150]], ["b", [1]]]), () => true)).toEqual([6]); // prettier-ignore
});
