import type { Properties } from "../../runtime/resource";

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** YAML, JSON and PostgreSQL write one value in several ways: 8, "8" and 8.0 are the same setting. */
const plain = (value: unknown): string =>
  isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);

/**
 * The patch that turns the configuration in the DCS into the wanted one, in the form of Patroni's `PATCH /config`: what is
 * to go is null. Undefined if nothing differs. Keys of the top level that are not ours are left alone, below it ours
 * is the whole truth.
 */
export function configurationPatch(actual: Properties, wanted: Properties, level = 0): Properties | undefined {
  const patch: Properties = {};
  const keys = level === 0 ? Object.keys(wanted) : [...new Set([...Object.keys(actual), ...Object.keys(wanted)])];
  for (const key of keys) {
    const [from, to] = [actual[key], wanted[key]];
    if (to === undefined || to === null) {
      if (from !== undefined && from !== null) patch[key] = null;
    } else if (isObject(from) && isObject(to)) {
      const inner = configurationPatch(from, to, level + 1);
      if (inner !== undefined) patch[key] = inner;
    } else if (from === undefined || plain(from) !== plain(to)) patch[key] = to;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
