import { z } from "zod";

export const findingSchema = z.object({
  /** What was checked. */
  what: z.string(),
  good: z.boolean(),
  /** The result; for a failure, also what to do. */
  detail: z.string(),
  /** False for what clients do not feel yet: a late backup, a certificate near its end. */
  urgent: z.boolean(),
});

/** Result of the check of one part of a stack. */
export type Finding = z.output<typeof findingSchema>;

export const good = (what: string, detail: string): Finding => ({ what, good: true, detail, urgent: false });
/** Clients feel it, or will with the next fault. */
export const broken = (what: string, detail: string): Finding => ({ what, good: false, detail, urgent: true });
/** It needs attention before clients feel it. */
export const neglected = (what: string, detail: string): Finding => ({ what, good: false, detail, urgent: false });

/** What is not good, a finding each; if all of it is, one finding for all. */
export const unlessAny = (bad: readonly Finding[], all: Finding): readonly Finding[] => (bad.length > 0 ? bad : [all]);
