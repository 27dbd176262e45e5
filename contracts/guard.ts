import { join } from "node:path";
import { z } from "zod";

const path = z.string().min(1);
const port = z.int().min(1).max(65_535);

/** A server that a guard looks after, and if it answers the user that it runs as. */
const watchedSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("postgres"), socketDirectory: path, port, dataDirectory: path }),
  z.strictObject({ kind: z.literal("pgbouncer"), socketDirectory: path, port, configuration: path }),
  z.strictObject({ kind: z.literal("haproxy"), socket: path, configuration: path }),
]);

/** Settings of `howdah guard`. */
export const guardSchema = z.strictObject({
  watch: z.array(watchedSchema).min(1),
  timing: z.strictObject({
    /** Seconds between two questions to a healthy server. */
    pause: z.number().positive(),
    /** Seconds until a question counts as unanswered. */
    timeout: z.number().positive(),
    /** Unanswered questions in a row that make a server hung. */
    tries: z.int().min(1),
  }),
});

export type GuardSettings = z.output<typeof guardSchema>;
export type Watched = GuardSettings["watch"][number];
export type GuardTiming = GuardSettings["timing"];

const pause = 2;
const timeout = 3;
/** One silence may be a suspended machine, two a long stall of its disk. */
const fewestTries = 3;

/** Timing such that a hung server is found within `plan.hungPostmaster` seconds: one pause, and all questions in a row. */
export const guardTiming = (plan: { readonly hungPostmaster: number }): GuardTiming => ({
  pause,
  timeout,
  tries: Math.max(fewestTries, Math.floor((plan.hungPostmaster - pause) / timeout)),
});

/** Service of the guard of a node, or of the pooler. */
export const guardName = (who: string): string => `guard-${who}`;

/** File of a guard's settings; `howdah guard --config` takes it. */
export const guardFile = (layout: { readonly etc: string }, who: string): string =>
  join(layout.etc, `${guardName(who)}.json`);

/** Text of that file; the same settings give the same text. */
export const guardText = (settings: GuardSettings): string => `${JSON.stringify(settings, undefined, 2)}\n`;
