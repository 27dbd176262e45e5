/** Looks in a row that turn a target's state: one lost packet is no outage, and one good look no recovery. */
const inARow = 2;

/** State of a target over many looks. */
export interface Vote {
  readonly healthy: boolean;
  /** Looks in a row that say the opposite. */
  readonly against: number;
}

/** Before the first look: its outcome counts at once. */
export const unknown = (problem: string | undefined): Vote => ({ healthy: problem === undefined, against: 0 });

/** The state after one more look. */
export function next({ healthy, against }: Vote, problem: string | undefined): Vote {
  if ((problem === undefined) === healthy) return { healthy, against: 0 };
  return against + 1 >= inARow ? { healthy: !healthy, against: 0 } : { healthy, against: against + 1 };
}
