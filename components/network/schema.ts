import { z } from "zod";
import { cidr } from "./cidr";

export const networkSchema = z
  .strictObject({
    allow: z
      .array(
        z.strictObject({
          cidr: cidr('"10.0.0.0/8" or "fd00::/8"').describe("Address range of clients, IPv4 or IPv6."),
          reason: z.string().trim().min(3).max(200).describe("Who connects from this range, and why."),
        }),
      )
      .min(1)
      .default([{ cidr: "127.0.0.1/32", reason: "this machine" }])
      .describe("Ranges that may connect; all others are rejected."),
  })
  .describe("Client addresses that may connect.");

export type NetworkSettings = z.output<typeof networkSchema>;
