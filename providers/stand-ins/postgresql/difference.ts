import { isEmpty } from "../../runtime/recorded";
import { type Change, type Properties, type Recorded, sameValue } from "../../runtime/resource";

/** How the properties of a resource type compare. */
export interface Comparison {
  /** Every property of the inputs, given or not. */
  readonly properties: readonly string[];
  /** Properties whose change asks for a new resource. */
  readonly replacing?: readonly string[];
  /** Lists without an order. */
  readonly sets?: readonly string[];
  /** Properties that the server decides where the program is silent. */
  readonly computed?: readonly string[];
}

function same(a: unknown, b: unknown, unordered: boolean): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  const order = (value: unknown) =>
    unordered && Array.isArray(value) ? [...new Set(value.map(String))].sort() : value;
  return sameValue(order(a), order(b));
}

/**
 * Compares what is recorded with what is wanted, property by property, whether the program gives it or not. The recorded
 * state counts and not the old inputs: after a refresh it is what the server has, and the official plugin's inputs hold
 * other defaults than ours.
 */
export function differences<I extends object, S extends object>(
  old: Recorded<I, S>,
  news: I,
  { properties, replacing = [], sets = [], computed = [] }: Comparison,
): Change[] {
  const have = old.state as Properties;
  const before = old.inputs as Properties;
  const want = news as Properties;
  return properties
    .filter((key) => want[key] !== undefined || !computed.includes(key))
    .filter((key) => !same(have[key], want[key], sets.includes(key)))
    .map((property) => ({
      property,
      kind: replacing.includes(property) ? "replace" : "update",
      drift: same(before[property], want[property], sets.includes(property)),
    }));
}
