import { join } from "node:path";
import { buildFolder } from "../../lib/paths";

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

/** By driver, in the order of the table. */
export interface Results {
  readonly drivers: Readonly<Record<string, DriverResult>>;
  /** Drivers that did not run, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}
