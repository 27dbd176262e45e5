import { cpus, totalmem } from "node:os";
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
  /** Distribution, cores and memory. */
  readonly machine: string;
}

/** This moment on this machine. */
export const thisRun = (): Run => ({
  date: new Date().toISOString().slice(0, 10),
  machine:
    `${releaseOf(osRelease() ?? "")}, ${cpus().length} cores, ${Math.round(totalmem() / GB)} GB of memory`.trim(),
});

/** One run; by driver, in the order of the table. */
export interface Results extends Run {
  readonly drivers: Readonly<Record<string, DriverResult>>;
  /** Drivers that did not run, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}
