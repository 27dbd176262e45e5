import { crc32 } from "node:zlib";

/**
 * A set in the order that the official plugin writes it into ids: by the decimal text of each item's CRC-32, as the
 * Terraform SDK orders sets of strings.
 */
export function inSetOrder(items: readonly string[]): string[] {
  const key = (item: string) => String(crc32(item));
  return [...new Set(items)].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
