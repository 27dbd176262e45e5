import fc from "fast-check";
import {
  brokenRules,
  type Duration,
  duration,
  nearest,
  type Rule,
  size,
  type Size,
  toBytes,
  toMilliseconds,
  toSeconds,
} from "../../../lib/values";

describe("durations", () => {
  test.each([
    ["1 millisecond", 1],
    ["250 milliseconds", 250],
    ["1.5 seconds", 1500],
    ["1 minute", 60_000],
    ["2 hours", 7_200_000],
    ["7 days", 604_800_000],
  ] as const)("reads %s", (text, milliseconds) => {
    expect(toMilliseconds(text)).toBe(milliseconds);
    expect(duration().parse(text)).toBe(text);
    expect(toSeconds(text)).toBe(milliseconds / 1000);
  });

  test.each([
    "30",
    30,
    "30s",
    "30  seconds",
    "-1 seconds",
    "1e3 seconds",
    " 1 second",
    "1 fortnight",
    "1 constructor",
    null,
  ])("refuses %p in config", (text) => {
    expect(duration().safeParse(text).success).toBe(false);
  });

  test("throws on a text that the types do not let through", () => {
    const text: string = "1 fortnight";
    expect(() => toMilliseconds(text as Duration)).toThrow(/"1 fortnight".*seconds/);
  });

  test("accepts both ends of a range and nothing beyond", () => {
    const schema = duration({ min: "1 second", max: "1 minute" });
    const accepted = ["999 milliseconds", "1 second", "60 seconds", "61 seconds"].map(
      (text) => schema.safeParse(text).success,
    );
    expect(accepted).toEqual([false, true, true, false]);
  });

  test("states the range in the message", () => {
    expect(duration({ max: "1 day" }).safeParse("2 days").error?.issues[0]?.message).toContain(
      "from 0 seconds to 1 day",
    );
  });

  test("orders figures of one unit as numbers", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom("milliseconds", "seconds", "hours"), (a, b, unit) => {
        expect(Math.sign(toMilliseconds(`${a} ${unit}`) - toMilliseconds(`${b} ${unit}`))).toBe(Math.sign(a - b));
      }),
    );
  });
});

describe("sizes", () => {
  test.each([
    ["1 kB", 1024],
    ["0.5 MB", 524_288],
    ["16 GB", 17_179_869_184],
    ["1 TB", 1_099_511_627_776],
    ["0.0001 kB", 0],
  ] as const)("reads %s in powers of 1024", (text, bytes) => {
    expect(toBytes(text)).toBe(bytes);
  });

  test.each(["16", "16GB", "16 gb", "16 GiB", "-1 GB", 16, "2000 TB"])("refuses %p in config", (text) => {
    expect(size().safeParse(text).success).toBe(false);
  });

  test("reads a whole number of each unit as that many of the next smaller one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (figure) => {
        const pairs: [Size, Size][] = [
          [`${figure} MB`, `${figure * 1024} kB`],
          [`${figure} GB`, `${figure * 1024} MB`],
          [`${figure} TB`, `${figure * 1024} GB`],
        ];
        for (const [larger, smaller] of pairs) expect(toBytes(larger)).toBe(toBytes(smaller));
      }),
    );
  });
});

describe("rules", () => {
  const atLeast = (limit: number): Rule<number> => ({
    path: () => ["limit", limit],
    holds: (value) => value >= limit,
    message: (value) => `${value} is below ${limit}`,
  });

  test("reports every broken rule, in order, and no other", () => {
    expect(brokenRules([atLeast(9), atLeast(1), atLeast(7)], 5)).toEqual([
      { path: ["limit", 9], message: "5 is below 9" },
      { path: ["limit", 7], message: "5 is below 7" },
    ]);
  });

  test("reports nothing where all hold", () => {
    expect(brokenRules([atLeast(1)], 5)).toEqual([]);
  });
});

describe("the nearest known name", () => {
  test.each([
    ["paramters", "parameters"],
    ["overflw", "overflow"],
    ["pol", "pool"],
  ])("takes %s for %s", (name, known) => {
    expect(nearest(name, ["pool", "overflow", "parameters"])).toBe(known);
  });

  test("is silent where all are far away, or none is known", () => {
    expect(nearest("zebra", ["pool", "overflow", "parameters"])).toBeUndefined();
    expect(nearest("pool", [])).toBeUndefined();
  });
});
