import type { SetName } from "../../contracts/metrics/collector";
import { messageOf } from "../../lib/errors";
import { repeat, within } from "../../lib/retry";
import type { Results } from "./results";
import type { Series, SeriesOf } from "./series";

/** A set that is not read from a server, of any stack that has what it needs. */
export interface StackSet<Needs> {
  readonly name: SetName;
  /** Seconds between two collections. */
  readonly interval: number;
  /** Seconds that one may take. Default 5. */
  readonly timeout?: number;
  /** Called once; what it returns collects, and may remember what it has seen. */
  readonly start: (needs: Needs) => () => Promise<Series>;
  /** What it fills if it fails. */
  readonly failed?: Series;
}

/** A set of one stack. */
export type BoundSet = StackSet<void>;

export const defineStackSet = <const Set extends SetName, Needs>(
  set: Omit<StackSet<Needs>, "name" | "start" | "failed"> & {
    readonly name: Set;
    readonly start: (needs: Needs) => () => Promise<SeriesOf<Set>>;
    readonly failed?: SeriesOf<Set>;
  },
): StackSet<Needs> => set;

/** The set of a stack that has this. */
export const bound = <Needs>(set: StackSet<Needs>, needs: Needs): BoundSet => ({
  ...set,
  start: () => set.start(needs),
});

/**
 * One reading for all sets that ask at about the same time.
 * @param milliseconds for which a reading serves others, also one that fails
 * @param now milliseconds
 */
export function shared<T>(
  read: () => Promise<T>,
  milliseconds: number,
  now = () => performance.now(),
): () => Promise<T> {
  let last: { readonly at: number; readonly reading: Promise<T> } | undefined;
  return () => {
    if (last === undefined || now() - last.at >= milliseconds) last = { at: now(), reading: read() };
    return last.reading;
  };
}

/** Collects a set until the signal. */
export function collectSet(
  set: BoundSet,
  how: { readonly results: Results; readonly note: (text: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { name, interval, timeout = 5, failed = {} } = set;
  const collect = set.start();
  const round = async (): Promise<number> => {
    const start = performance.now();
    const place = { set: name, server: "", database: "", interval };
    const took = (): number => (performance.now() - start) / 1000;
    try {
      const series = await within(timeout * 1000, collect());
      how.results.add({ ...place, series, duration: took() });
    } catch (error) {
      how.note(`${name}: ${messageOf(error)}`);
      how.results.add({ ...place, series: undefined, failed, duration: took() });
    }
    return interval * 1000;
  };
  return repeat(round, how.signal);
}
