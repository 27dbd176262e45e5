import { isIP } from "node:net";
import { IPv4, IPv6, parseCIDR } from "ipaddr.js";
import { z } from "zod";

/** True for `address/prefix` of IPv4 or IPv6, such as `10.0.0.0/8` or `fd00::/8`, with host bits or without. */
export function isCidr(text: string): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  // ipaddr.js alone takes more: octal figures, addresses without dots, zones.
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^(0|[1-9]\d{0,2})$/.test(prefix) && !address.includes("%") && Number(prefix) <= bits;
}

/** The text with all of an IPv6 address in hexadecimal: ipaddr.js takes `::10.0.0.0` for `::ffff:10.0.0.0`. */
const inHex = (cidr: string): string =>
  cidr.replace(/(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)(?=\/)/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });

/** Address and prefix length of a range. */
const parsed = (cidr: string): [IPv4 | IPv6, number] => parseCIDR(inHex(cidr));

/** First address of the range. */
const networkOf = (cidr: string): IPv4 | IPv6 =>
  parsed(cidr)[0] instanceof IPv4 ? IPv4.networkAddressFromCIDR(cidr) : IPv6.networkAddressFromCIDR(inHex(cidr));

/** IPv6 as RFC 5952 writes it. */
const written = (address: IPv4 | IPv6): string =>
  address instanceof IPv4 ? address.toString() : address.toRFC5952String();

/** Prefix length of a range. */
export const prefixOf = (cidr: string): number => parsed(cidr)[1];

/** A range of IPv4 that is written as IPv6, such as `::ffff:10.0.0.0/104`; undefined for any other. */
function mappedRange(cidr: string): string | undefined {
  const [address, prefix] = parsed(cidr);
  if (!(address instanceof IPv6) || !address.isIPv4MappedAddress() || prefix < 96) return undefined;
  return canonicalCidr(`${address.toIPv4Address().toString()}/${prefix - 96}`);
}

/** The one spelling of a range: without host bits, IPv6 as in RFC 5952. Throws if the text is no range. */
export const canonicalCidr = (cidr: string): string => `${written(networkOf(cidr))}/${prefixOf(cidr)}`;

/** True if every address of `inner` is in `outer`, too; never for ranges of two families. */
export function covers(outer: string, inner: string): boolean {
  const range = parsed(outer);
  const network = networkOf(inner);
  return network.kind() === range[0].kind() && range[1] <= prefixOf(inner) && network.match(range);
}

/** True if two ranges share an address. */
export const overlap = (left: string, right: string): boolean => covers(left, right) || covers(right, left);

/** Readers differ in what they do with host bits: PgBouncer skips the line, PostgreSQL cuts them off, AWS refuses them. */
const hasHostBits = (cidr: string): boolean => networkOf(cidr).toString() !== parsed(cidr)[0].toString();

/** What is allowed, for the range that was found: the one that was meant, if that can be told. */
function advice(found: unknown, example: string): string {
  if (typeof found !== "string" || !isCidr(found)) return `an address range such as ${example}`;
  const mapped = mappedRange(found);
  if (mapped !== undefined) return `"${mapped}", because IPv4 clients have IPv4 addresses`;
  const [address] = parsed(found);
  const alone = `${written(address)}/${address instanceof IPv4 ? 32 : 128}`;
  return `"${canonicalCidr(found)}" for the whole range, or "${alone}" for the one address`;
}

/**
 * An address range in config, IPv4 or IPv6 in any spelling; the parsed value is canonical, so that equal ranges are equal text.
 * @param example for the message, in quotes
 */
export const cidr = (example: string): z.ZodString =>
  z
    .string()
    .refine((text) => isCidr(text) && mappedRange(text) === undefined && !hasHostBits(text), {
      abort: true,
      error: ({ input }) => advice(input, example),
    })
    .overwrite(canonicalCidr);
