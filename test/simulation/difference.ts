import type { Change, Properties } from "../../providers/runtime/resource";
import { hasUnknown, sameValue } from "../../providers/runtime/resource";

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One input: as it was given, as the world has it, as the program wants it. */
interface Three {
  readonly given: unknown;
  readonly actual: unknown;
  readonly wanted: unknown;
}

/**
 * True if the world is as wanted. What the world has beyond the inputs is the provider's own (defaults, computed parts);
 * what was given once and is wanted no more has to go.
 */
export function isAsWanted({ given, actual, wanted }: Three): boolean {
  if (hasUnknown(wanted) && !isObject(wanted) && !Array.isArray(wanted)) return false;
  if (isObject(wanted) && isObject(actual)) {
    const before = isObject(given) ? given : {};
    return [...new Set([...Object.keys(before), ...Object.keys(wanted)])].every((key) =>
      key in wanted
        ? isAsWanted({ given: before[key], actual: actual[key], wanted: wanted[key] })
        : before[key] === undefined,
    );
  }
  if (Array.isArray(wanted) && Array.isArray(actual)) {
    const before = Array.isArray(given) ? given : [];
    return (
      wanted.length === actual.length &&
      wanted.every((one, at) => isAsWanted({ given: before[at], actual: actual[at] as unknown, wanted: one }))
    );
  }
  return sameValue(actual, wanted);
}

/** Value at a dotted path. */
export const valueAt = (root: Properties, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), root);

/** A resource before and after. */
export interface Before {
  readonly inputs: Properties;
  readonly state: Properties;
}

/** What differs. @param replacing dotted paths whose change needs a new thing */
export function differences(old: Before, news: Properties, replacing: readonly string[]): Change[] {
  const compare = (path: string): boolean =>
    isAsWanted({ given: valueAt(old.inputs, path), actual: valueAt(old.state, path), wanted: valueAt(news, path) });
  const isIdle = (path: string): boolean =>
    valueAt(news, path) === undefined && valueAt(old.inputs, path) === undefined;
  const changed = [...new Set([...Object.keys(old.inputs), ...Object.keys(news)])].filter(
    (key) => !isIdle(key) && !compare(key),
  );
  return changed.map((property): Change => {
    const fatal = replacing
      .filter((path) => path === property || path.startsWith(`${property}.`))
      .find((path) => !isIdle(path) && !compare(path) && !hasUnknown(valueAt(news, path)));
    const drift = sameValue(old.inputs[property], news[property]);
    return { property: fatal ?? property, kind: fatal === undefined ? "update" : "replace", drift };
  });
}
