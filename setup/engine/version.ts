/** Oldest engine that is known to run the program and its plugins. */
export const oldestEngine = "3.200.0";

/** The engine that we build; newer modules are not on every module proxy. */
export const ourEngine = "3.255.0";

/** True when the dotted version `version` (with or without `v`) is `minimum` or newer. */
export function atLeast(version: string, minimum: string): boolean {
  const parts = (text: string): number[] => (/\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number);
  const [have, want] = [parts(version), parts(minimum)];
  for (let index = 0; index < Math.max(have.length, want.length); index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
