import fc from "fast-check";
import { canonicalCidr, overlap } from "../../../../components/network/cidr";
import { networkProblems } from "../../../../components/network/rules";
import { networkSchema } from "../../../../components/network/schema";

const problems = (...ranges: string[]): string[] =>
  networkProblems(networkSchema.parse({ allow: ranges.map((cidr) => ({ cidr, reason: "a test" })) })).map(
    ({ path, message }) => `${path.join(".")}: ${message}`,
  );

test("ranges that are apart pass", () => {
  expect(problems("10.0.0.0/16", "10.1.0.0/16", "::/0", "192.0.2.1/32")).toEqual([]);
});

test.each([
  ["10.0.0.0/8", "10.0.0.0/8"],
  ["fd00::/8", "FD00:0:0::/8"],
])("a range that is there twice is refused once, with both paths: %s, %s", (first, second) => {
  const shown = networkSchema.parse({ allow: [{ cidr: first, reason: "a test" }] }).allow[0]?.cidr ?? "";
  expect(problems("192.0.2.0/24", first, second)).toEqual([
    `network.allow.2.cidr: found "${shown}", which howdah:network.allow[1].cidr admits already; remove one of the two`,
  ]);
});

test("a range within another one is refused, whichever comes first", () => {
  const within = (index: number, other: number): string =>
    `network.allow.${index}.cidr: found "10.1.0.0/16", which is within howdah:network.allow[${other}].cidr, "10.0.0.0/8"; remove one of the two`;
  expect(problems("10.0.0.0/8", "10.1.0.0/16")).toEqual([within(1, 0)]);
  expect(problems("10.1.0.0/16", "10.0.0.0/8")).toEqual([within(0, 1)]);
});

test("what passes is apart, and what is refused is not", () => {
  const range = fc
    .tuple(fc.ipV4(), fc.integer({ min: 1, max: 6 }))
    .map(([address, prefix]) => canonicalCidr(`${address}/${prefix}`));
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 6 }), (ranges) => {
      const apart = ranges.every((one, index) => ranges.every((other, at) => at === index || !overlap(one, other)));
      expect(problems(...ranges).length === 0).toBe(apart);
    }),
  );
});
