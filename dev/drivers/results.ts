import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { buildFolder } from "../../lib/paths";
import { GB } from "../../lib/units";
import { osRelease, releaseOf } from "../../setup/packages/distribution";

/** Where the end-to-end test writes what it has seen. */
export const resultsFile = join(buildFolder, "drivers.json");

/** What the workers of one driver saw during one event. */
export interface LoadResult {
  readonly committed: number;
  readonly retried: number;
  readonly failed: number;
  /** How often each error was seen; not in the table. */
  readonly errors: Readonly<Record<string, number>>;
}

/** What the matrix has seen of a driver that ran. */
export interface DriverResult {
  readonly version: string;
  /** True: as it should be. Null: the driver has no such thing. A text says what went wrong. */
  readonly smoke: Readonly<Record<string, boolean | string | null>>;
  /** Absent if the test did not get that far. */
  readonly switchover?: LoadResult;
  /** A text says why it did not take part. */
  readonly kill?: LoadResult | string;
}

/** When and where the test ran. */
export interface Run {
  /** Day in UTC, as ISO 8601 has it. */
  readonly date: string;
  /** Distribution, cores, memory, and the load average of the last 15 minutes: other programs may have used the machine, too. */
  readonly machine: string;
}

/** A run that ends now, on this machine. */
export function thisRun(): Run {
  const [, , load = 0] = loadavg();
  const parts = [
    releaseOf(osRelease() ?? "").trim(),
    `${cpus().length} cores`,
    `${Math.round(totalmem() / GB)} GB of memory`,
    `load average ${Math.round(load)}`,
  ];
  return { date: new Date().toISOString().slice(0, 10), machine: parts.filter((part) => part !== "").join(", ") };
}

/** One run; by driver, in the order of the table. */
export interface Results extends Run {
  readonly drivers: Readonly<Record<string, DriverResult>>;
  /** Drivers that did not run, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}
