/** Result of one query to a server. */
export type Answer =
  /** It answered. */
  | "good"
  /** It has no memory left for locks: no login succeeds, not even the superuser's. */
  | "full"
  /** Another error: it is starting, stopping, or has no connection left. Not the guard's task. */
  | "refused"
  /** No answer in time. */
  | "silent";

/** One check of a server. */
export interface Probe {
  /** Which process was asked. */
  readonly server: string;
  readonly answer: Answer;
  /** Whether the process was scheduled during the check. */
  readonly ran: boolean;
}

/** What a guard remembers of earlier checks. */
export interface Memory {
  readonly server: string;
  /** Consecutive checks without an answer in which the server was not scheduled. */
  readonly silent: number;
  /** Checks that found a full lock table since the server was last healthy. */
  readonly full: number;
  /** Good answers in a row. */
  readonly good: number;
  /** Checks until a server may be stopped again for a full table. */
  readonly spared: number;
}

/** What is to be done, from the mildest to the hardest. */
export type Step = "none" | "end holders" | "end clients" | "end server";

export interface Verdict {
  readonly memory: Memory;
  readonly step: Step;
}

export const nothingKnown: Memory = { server: "", silent: 0, full: 0, good: 0, spared: 0 };

/** Checks with a full table before each step: a single one may be momentary. */
export const fullTries = 3;
/** Good answers in a row after which a full table is forgotten: until then, the next one is acted on at once. */
export const calmAfter = 15;
/** A lock that outlives the server (a prepared transaction) would have its guards end one server after the other. */
export const spared = 600;

const steps: Readonly<Record<number, Step>> = {
  [fullTries]: "end holders",
  [2 * fullTries]: "end clients",
  [3 * fullTries]: "end server",
};

function afterFull(before: Memory): Verdict {
  const full = before.full + 1;
  const memory = { ...before, silent: 0, good: 0, full };
  const step = steps[full] ?? "none";
  if (step !== "end server") return { memory, step };
  if (memory.spared > 0) return { memory: { ...memory, full: 0 }, step: "none" };
  return { memory: { ...memory, full: 0, spared }, step };
}

/**
 * What to do after a check. A server hangs if it leaves `tries` queries in a row unanswered **and** was never scheduled
 * meanwhile: a server that runs is overloaded, and killing it would make things worse.
 */
export function judge(known: Memory, probe: Probe, tries: number): Verdict {
  const same = known.server === probe.server;
  const counted = same ? known : { ...nothingKnown, server: probe.server, spared: known.spared };
  const before = { ...counted, spared: Math.max(0, counted.spared - 1) };
  switch (probe.answer) {
    case "full":
      return afterFull(before);
    case "silent": {
      const silent = probe.ran ? 0 : before.silent + 1;
      const hangs = silent >= tries;
      return { memory: { ...before, silent: hangs ? 0 : silent, good: 0 }, step: hangs ? "end server" : "none" };
    }
    case "refused":
      return { memory: { ...before, silent: 0, good: 0 }, step: "none" };
    case "good": {
      const good = before.good + 1;
      const full = good >= calmAfter ? 0 : Math.min(before.full, fullTries - 1);
      return { memory: { ...before, silent: 0, good, full }, step: "none" };
    }
  }
}
