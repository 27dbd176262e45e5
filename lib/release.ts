/** A release as `[major, minor]`. */
export type Release = readonly [major: number, minor: number];

/**
 * True if a program is of a release or a newer one.
 * @param said first line of what it prints, such as `PgBouncer 1.24.1`, `pgBackRest 2.55.1` or `alertmanager, version 0.25.0`; false if
 *   it is not such a line
 * @param since for example `[1, 24]`
 */
export function isSince(said: string, since: Release): boolean {
  const found = /^\w+(?:, version)? (\d+)\.(\d+)/.exec(said);
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > since[0] || (major === since[0] && minor >= since[1]);
}
