import { isIP } from "node:net";
import { z } from "zod";

/** True for `address/prefix` of IPv4 or IPv6, such as `10.0.0.0/8` or `fd00::/8`. */
export function isCidr(text: string): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && !address.includes("%") && Number(prefix) <= bits;
}

export const networkSchema = z
  .strictObject({
    allow: z
      .array(
        z.strictObject({
          cidr: z
            .string()
            .refine(isCidr, { error: 'an address range such as "10.0.0.0/8" or "fd00::/8"' })
            .describe("Address range of clients, IPv4 or IPv6."),
          reason: z.string().trim().min(3).max(200).describe("Who connects from there, and why."),
        }),
      )
      .min(1)
      .default([{ cidr: "127.0.0.1/32", reason: "this machine" }])
      .describe("Who may connect; everybody else is refused."),
  })
  .describe("Where clients may connect from.");

export type NetworkSettings = z.output<typeof networkSchema>;
