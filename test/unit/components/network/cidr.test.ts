import { BlockList, SocketAddress } from "node:net";
import fc from "fast-check";
import { canonicalCidr, cidr, covers, overlap, prefixOf } from "../../../../components/network/cidr";

const schema = cidr('"10.0.0.0/8"');
const parse = (text: string): string => {
  const result = schema.safeParse(text);
  return result.success ? result.data : `refused; allowed: ${result.error.issues.map((issue) => issue.message).join()}`;
};

const ipv4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`);
const ipv6 = fc
  .tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }))
  .map(([address, prefix]) => `${address}/${prefix}`)
  .filter((range) => !/ffff:\d+\.\d/i.test(range));
const range = fc.oneof(ipv4, ipv6).map(canonicalCidr);

const split = (text: string): [string, number, "ipv4" | "ipv6"] => {
  const [address = "", prefix = ""] = text.split("/");
  return [address, Number(prefix), address.includes(":") ? "ipv6" : "ipv4"];
};
/** Node's own word on whether a range holds another one's first address. */
function holds(outer: string, inner: string): boolean {
  const list = new BlockList();
  const [address, prefix, family] = split(outer);
  const [first, , other] = split(inner);
  list.addSubnet(address, prefix, family);
  return family === other && list.check(new SocketAddress({ address: first, family: other }));
}

describe("an address range in config", () => {
  test.each(["10.0.0.0/8", "0.0.0.0/0", "192.168.1.7/32", "fd00::/8", "::/0", "2001:db8::1/128"])(
    "takes %s",
    (text) => {
      expect(parse(text)).toBe(text);
    },
  );

  test.each([
    ["FD00:0:0::/8", "fd00::/8"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001/128", "2001:db8::1/128"],
    ["2001:db8:0:0:1::/80", "2001:db8:0:0:1::/80"],
  ])("takes %s in any spelling, as %s", (text, canonical) => {
    expect(parse(text)).toBe(canonical);
  });

  test.each([
    ["127.0.0.5/8", '"127.0.0.0/8" for the whole range, or "127.0.0.5/32" for the one address'],
    ["10.1.2.3/0", '"0.0.0.0/0" for the whole range, or "10.1.2.3/32" for the one address'],
    ["fd00::1/8", '"fd00::/8" for the whole range, or "fd00::1/128" for the one address'],
    ["FD00:0::1/64", '"fd00::/64" for the whole range, or "fd00::1/128" for the one address'],
    ["::ffff:10.0.0.0/104", '"10.0.0.0/8", because IPv4 clients have IPv4 addresses'],
    ["::ffff:10.0.0.5/104", '"10.0.0.0/8", because IPv4 clients have IPv4 addresses'],
  ])("refuses %s and names the range that was meant", (text, meant) => {
    expect(parse(text)).toBe(`refused; allowed: ${meant}`);
  });

  test.each([
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0/8",
    "0x0a.0.0.0/8",
    "010.0.0.0/8",
    "167772160/8",
    "::1/129",
    "fe80::1%lo/128",
    "10.0.0.0/8 trust",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "10.0.0.0/-1",
    " 10.0.0.0/8",
    "10.0.0.0/8\n",
    "example.com/24",
    "",
  ])("refuses %j", (text) => {
    expect(parse(text)).toBe('refused; allowed: an address range such as "10.0.0.0/8"');
  });

  test.each([
    ["::10.0.0.0/104", "::a00:0/104"],
    ["::0.0.0.0/96", "::/96"],
  ])("takes %s, which is no range of IPv4, for %s", (text, canonical) => {
    expect(parse(text)).toBe(canonical);
  });

  test("takes what it advises, and leaves a canonical range as it is", () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (text) => {
        const found = parse(text);
        const meant = found.startsWith("refused") ? (/"([^"]+)"/.exec(found)?.[1] ?? "") : found;
        expect(parse(meant)).toBe(meant);
        expect(prefixOf(meant)).toBe(prefixOf(text));
      }),
    );
  });
});

test("a range covers another one exactly if it is no narrower and holds the other's first address", () => {
  fc.assert(
    fc.property(range, range, (outer, inner) => {
      expect(covers(outer, inner)).toBe(prefixOf(outer) <= prefixOf(inner) && holds(outer, inner));
      expect(overlap(outer, inner)).toBe(holds(outer, inner) || holds(inner, outer));
    }),
  );
});

test("control: ranges of one kind often overlap in that property", () => {
  expect(covers("10.0.0.0/8", "10.1.0.0/16")).toBe(true);
  expect(covers("10.1.0.0/16", "10.0.0.0/8")).toBe(false);
  expect(covers("::/0", "10.0.0.0/8")).toBe(false);
  expect(overlap("10.1.0.0/16", "10.0.0.0/8")).toBe(true);
});
