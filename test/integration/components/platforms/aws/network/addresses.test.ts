import { BlockList } from "node:net";
import fc from "fast-check";
import { overlap, prefixOf } from "../../../../../../components/network/cidr";
import { subnetsOf } from "../../../../../../components/platforms/aws/network/addresses";

const range = fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 26 })).map(([address, prefix]) => `${address}/${prefix}`);

const firstOf = (cidr: string): string => cidr.split("/")[0]!;
const holds = (outer: string, address: string): boolean => {
  const list = new BlockList();
  list.addSubnet(firstOf(outer), prefixOf(outer));
  return list.check(address);
};

test("three parts of a range", () => {
  expect(subnetsOf("10.20.0.0/16", 3)).toEqual(["10.20.0.0/18", "10.20.64.0/18", "10.20.128.0/18"]);
});

test("parts are as many as asked, of one size, within the range, and apart from each other", () => {
  fc.assert(
    fc.property(range, fc.integer({ min: 1, max: 6 }), (cidr, count) => {
      const parts = subnetsOf(cidr, count);
      expect(parts).toHaveLength(count);
      expect(new Set(parts.map(prefixOf)).size).toBe(1);
      for (const part of parts) expect(holds(cidr, firstOf(part))).toBe(true);
      parts.forEach((part, index) => {
        for (const other of parts.slice(index + 1)) expect(overlap(part, other)).toBe(false);
      });
    }),
  );
});
