import type { LocalStackFile, Monitoring } from "../../contracts/stack-file";
import type { SetName } from "../../contracts/metrics/collector";
import { messageOf } from "../../lib/errors";
import { repeat, within } from "../../lib/retry";
import type { Results } from "./results";
import type { Series, SeriesOf } from "./series";

/** A stack whose job file says how it is monitored. */
export interface MonitoredStack extends LocalStackFile {
  readonly monitoring: Monitoring;
}

/** A set of the stack that is not read from a server. */
export interface StackSet {
  readonly name: SetName;
  /** Seconds between two collections. */
  readonly interval: number;
  /** Seconds that one may take. Default 5. */
  readonly timeout?: number;
  /** Called once; what it returns collects, and may remember what it has seen. */
  readonly start: (job: MonitoredStack) => () => Promise<Series>;
  /** What it fills if it fails. */
  readonly failed?: Series;
}

export const defineStackSet = <const Set extends SetName>(
  set: Omit<StackSet, "name" | "start" | "failed"> & {
    readonly name: Set;
    readonly start: (job: MonitoredStack) => () => Promise<SeriesOf<Set>>;
    readonly failed?: SeriesOf<Set>;
  },
): StackSet => set;

/** Collects a set until the signal. */
export function collectSet(
  set: StackSet,
  job: MonitoredStack,
  how: { readonly results: Results; readonly note: (text: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { name, interval, timeout = 5, failed = {} } = set;
  const collect = set.start(job);
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
