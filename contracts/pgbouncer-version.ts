/** Releases of PgBouncer as `[major, minor]`. */
export type PoolerRelease = readonly [major: number, minor: number];

/** The oldest PgBouncer that the program works with: the first one with prepared statements in transaction pooling. */
export const oldestPooler: PoolerRelease = [1, 21];

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

/**
 * True if that PgBouncer is of a release or a newer one.
 * @param said first line of `pgbouncer --version`, such as `PgBouncer 1.24.1`; false if it is not such a line
 * @param since for example `[1, 24]`
 */
export function isSince(said: string, since: PoolerRelease): boolean {
  const found = /^PgBouncer (\d+)\.(\d+)/.exec(said);
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > since[0] || (major === since[0] && minor >= since[1]);
}
