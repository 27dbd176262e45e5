import { hour } from "../../lib/units";

/** Milliseconds that an entry stays at least: what comes and goes every minute makes a new series each time. */
const stay = 24 * hour;
/** Milliseconds that the place of one that is gone stays empty: names that are new each time make few new series then. */
const reserved = hour;

/** An entry that asks for a place, and what it is ranked by. */
export interface Candidate {
  readonly key: string;
  readonly weight: number;
}

/**
 * Picks the heaviest of many, but changes its mind slowly: an entry that got in stays for a day, as long as it exists, and leaves
 * after that only if it is not among the heaviest any more. The place of one that is gone is given to another after an hour.
 */
export class Cap {
  private readonly since = new Map<string, number>();
  private readonly seen = new Map<string, number>();

  /** @param limit entries at most */
  constructor(
    private readonly limit: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Keys of the entries that are in. */
  pick(candidates: readonly Candidate[]): ReadonlySet<string> {
    const ranked = [...candidates].sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1));
    const heaviest = new Set(ranked.slice(0, this.limit).map(({ key }) => key));
    const existing = new Set(ranked.map(({ key }) => key));
    const now = this.now();
    for (const [key, since] of this.since) {
      const isGone = !existing.has(key) && now - (this.seen.get(key) ?? 0) >= reserved;
      if (isGone || (existing.has(key) && now - since >= stay && !heaviest.has(key))) this.since.delete(key);
    }
    for (const { key } of ranked) {
      if (this.since.size >= this.limit) break;
      if (!this.since.has(key)) this.since.set(key, now);
    }
    const picked = [...this.since.keys()].filter((key) => existing.has(key));
    for (const key of this.seen.keys()) if (!this.since.has(key)) this.seen.delete(key);
    for (const key of picked) this.seen.set(key, now);
    return new Set(picked);
  }
}

/**
 * Sums counters of entries that have no series of their own. The sum grows by what each has grown: as the sum of the figures it would
 * shrink when an entry leaves, and Prometheus would take that for a restart.
 */
export class RestOfCounters {
  private readonly last = new Map<string, readonly number[]>();
  private total: number[] | undefined;

  /**
   * @param figures of every entry, of the same length each
   * @param isApart true for an entry that has series of its own
   */
  add(figures: ReadonlyMap<string, readonly number[]>, isApart: (key: string) => boolean): readonly number[] {
    const first = this.total === undefined;
    const width = [...figures.values()][0]?.length ?? this.total?.length ?? 0;
    const total = this.total ?? Array<number>(width).fill(0);
    for (const [key, values] of figures) {
      const before = this.last.get(key);
      this.last.set(key, values);
      if (isApart(key) || first) continue;
      values.forEach((value, at) => {
        const old = before?.[at] ?? 0;
        // What is less than before was reset in between.
        total[at] = (total[at] ?? 0) + (value >= old ? value - old : value);
      });
    }
    for (const key of this.last.keys()) if (!figures.has(key)) this.last.delete(key);
    this.total = total;
    return total;
  }
}
