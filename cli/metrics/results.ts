import type { SetName } from "../../contracts/metrics/collector";
import type { Series } from "./series";

/** One collection of a set: where, and what came of it. */
export interface Collected {
  readonly set: SetName;
  /** Empty for what belongs to no server. */
  readonly server: string;
  /** Empty for what belongs to no database. */
  readonly database: string;
  /** Seconds between two collections. */
  readonly interval: number;
  /** Seconds that it took. */
  readonly duration: number;
  /** Undefined if it failed. */
  readonly series: Series | undefined;
  /** What there is to say if it failed. */
  readonly failed?: Series | undefined;
}

interface Kept extends Collected {
  /** Milliseconds since the epoch at which it ended. */
  readonly at: number;
  /** The same of the last one that succeeded. */
  readonly succeeded: number | undefined;
}

/** A set that is collected more often than this shows nothing once it fails: old figures would look like new ones. */
const longInterval = 60;

/** What all sets have collected last. A failure of an expensive set leaves its figures for two intervals. */
export class Results {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly now: () => number = Date.now) {}

  add(collected: Collected): void {
    const key = JSON.stringify([collected.set, collected.server, collected.database]);
    const before = this.kept.get(key);
    const at = this.now();
    if (collected.series !== undefined) {
      this.kept.set(key, { ...collected, at, succeeded: at });
      return;
    }
    const { interval } = collected;
    const since = before?.succeeded;
    const isFresh = since !== undefined && interval > longInterval && at - since < 2 * interval * 1000;
    const old = isFresh ? { ...before?.series, ...collected.failed } : collected.failed;
    this.kept.set(key, { ...collected, series: old, at, succeeded: before?.succeeded, failed: {} });
  }

  /** Everything, and how each set fares. */
  series(): readonly Series[] {
    const all = [...this.kept.values()];
    return [...all.flatMap(({ series }) => series ?? []), this.health(all)];
  }

  private health(all: readonly Kept[]): Series {
    const sets = new Map<string, Kept[]>();
    for (const one of all) {
      const key = JSON.stringify([one.set, one.server]);
      sets.set(key, [...(sets.get(key) ?? []), one]);
    }
    const each = [...sets.values()].map((parts) => {
      const [{ set, server }] = parts as [Kept];
      const succeeded = parts.map((one) => one.succeeded);
      return {
        labels: { set, server },
        up: Number(parts.every(({ failed }) => failed === undefined)),
        duration: parts.reduce((total, { duration }) => total + duration, 0),
        success: succeeded.includes(undefined) ? undefined : Math.min(...(succeeded as number[])) / 1000,
      };
    });
    const servers = new Set(each.flatMap(({ labels: { server } }) => (server === "" ? [] : [server])));
    const hasFailed = (name: string): boolean => each.some(({ labels, up }) => labels.server === name && up === 0);
    const intervals = new Map(all.map(({ set, interval }) => [set, interval]));
    return {
      howdah_collector_up: each.map(({ labels, up }) => [labels, up]),
      howdah_collector_duration_seconds: each.map(({ labels, duration }) => [labels, duration]),
      howdah_collector_last_success_timestamp_seconds: each.flatMap(({ labels, success }) =>
        success === undefined ? [] : [[labels, success] as const],
      ),
      pg_exporter_last_scrape_error: [...servers].map((server) => [{ server }, Number(hasFailed(server))]),
      howdah_collector_interval_seconds: [...intervals].map(([set, interval]) => [{ set }, interval]),
    };
  }
}
