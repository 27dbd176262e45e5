import { z } from "zod";

/** Where drills of dumps leave what they found, and in which form: the `howdah` command writes it, the program reads it. */

/** Folder next to the dumps. */
export const drillFolder = "drills";

/** Name of the newest drill's record. */
export const latestDrillName = "latest";

/** Object of a record, in its folder. */
export const recordObject = (name: string): string => `${name}.json`;

/** Object of the newest drill's record, from where the dumps are. */
export const latestDrillObject = `${drillFolder}/${recordObject(latestDrillName)}`;

/** What the newest successful restore drill has shown. */
export const verifiedSchema = z.object({
  /** ISO 8601. */
  lastVerifiedAt: z.iso.datetime({ offset: true }),
  /** From nothing to a server that accepts writes. */
  measuredRtoSeconds: z.number().nonnegative(),
  /** From a commit to its arrival in the repository; absent until a drill has waited for that. */
  measuredRpoSeconds: z.number().nonnegative().optional(),
});

export type Verified = Readonly<z.output<typeof verifiedSchema>>;

/** The newest drill's record; what was verified is absent until a drill has passed. */
export const drillRecordSchema = verifiedSchema.partial().extend({
  /** Whether the newest drill found the dumps good. */
  passed: z.boolean(),
});
