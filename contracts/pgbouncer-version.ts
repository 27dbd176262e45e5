import type { Release } from "../lib/release";

/** The oldest PgBouncer that the program works with: the first one with prepared statements in transaction pooling. */
export const oldestPooler: Release = [1, 21];

/**
 * What the set-up and the image build if the distribution's PgBouncer is older: the source package of Debian 13, whose patches
 * are part of it. `sha256` is of the release that it patches.
 */
export const builtPooler = {
  suite: "trixie",
  version: "1.24.1",
  /** Oldest revision with every security fix that we know of. */
  revision: "1.24.1-1+deb13u2",
  sha256: "da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0",
} as const;
