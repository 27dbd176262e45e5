import { prefixOf } from "../../../network/cidr";

/** 32 bits of an IPv4 address. */
const bitsOf = (address: string): number => address.split(".").reduce((bits, part) => bits * 256 + Number(part), 0);

const addressOf = (bits: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join(".");

/**
 * Equal parts of a range of IPv4, in order: the smallest power of two that is at least `count`.
 * @param cidr such as `"10.20.0.0/16"`
 * @returns `count` ranges, for 3 of the example `10.20.0.0/18`, `10.20.64.0/18` and `10.20.128.0/18`
 */
export function subnetsOf(cidr: string, count: number): string[] {
  const [address = ""] = cidr.split("/");
  const prefix = prefixOf(cidr) + Math.ceil(Math.log2(count));
  const size = 2 ** (32 - prefix);
  const first = Math.floor(bitsOf(address) / 2 ** (32 - prefixOf(cidr))) * 2 ** (32 - prefixOf(cidr));
  return Array.from({ length: count }, (_, index) => `${addressOf(first + index * size)}/${prefix}`);
}
