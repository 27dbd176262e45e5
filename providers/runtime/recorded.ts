import { z } from "zod";
import { bookkeeping, ownProperties } from "./check";
import { type AnyResource, type Properties, sameValue } from "./resource";

/** The bridge of the official plugins does not tell "absent" from the empty value of a type; neither may we. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0);

/**
 * Properties as a resource type reads them, whichever plugin has recorded them: without bookkeeping, null as absent, and
 * with what an absent one stands for.
 */
export function readProperties({ empty = {} }: AnyResource, recorded: Properties): Properties {
  const present = Object.entries(ownProperties(recorded)).filter(([, value]) => value !== null && value !== undefined);
  return { ...empty, ...Object.fromEntries(present) };
}

/** Inputs without those that an older version of the type had: what is gone from the schema is not a change of the program's. */
export function currentInputs({ schema }: AnyResource, recorded: Properties): Properties {
  if (!(schema instanceof z.ZodObject)) return recorded;
  const known = Object.keys(schema.shape);
  return Object.fromEntries(Object.entries(recorded).filter(([key]) => known.includes(key)));
}

/** Bookkeeping that stays true whatever the values are: of which version the shape of a state is. */
const lasting = ["__meta"];

/** What an operation started from. */
export interface Before {
  readonly id: string;
  /** The outputs as they were recorded. */
  readonly recorded: Properties;
}

/**
 * Outputs of a resource type that an official plugin has too. What means the same stays as it was recorded, a null or an
 * empty list if we would write nothing, so that a refresh without drift changes nothing. `__pulumi_raw_state_delta`
 * describes these very outputs: it goes as soon as one of them differs, and the bridge does without.
 */
export function bridgedOutputs(definition: AnyResource, { id, recorded }: Before, state: Properties): Properties {
  const had = ownProperties(recorded);
  const meant = readProperties(definition, recorded);
  const same = (key: string): boolean =>
    (isEmpty(meant[key]) && isEmpty(state[key])) || sameValue(meant[key], state[key]);
  const kept = Object.fromEntries(Object.entries(had).filter(([key]) => same(key)));
  const outputs = { ...state, ...kept, id };
  if (sameValue(had, outputs)) return recorded;
  const rest = Object.entries(bookkeeping(recorded)).filter(([key]) => lasting.includes(key));
  return { ...Object.fromEntries(rest), ...outputs };
}
