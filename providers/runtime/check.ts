import { type AnyResource, type Failure, type Properties, hasUnknown } from "./resource";

/** Bookkeeping keys of official (bridged) providers in state and inputs; we never validate them. */
const isBookkeeping = (key: string): boolean => key.startsWith("__");

/** Inputs without the engine's and the bridge's own keys. */
export function ownProperties(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !isBookkeeping(key)));
}

/** What a bridged provider, or the engine, keeps in state for itself. */
export function bookkeeping(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => isBookkeeping(key)));
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : value,
    root,
  );
}

/** Validates inputs by the resource type's schema. A problem about a value that is not known yet is no problem yet. */
export async function checkInputs(
  definition: AnyResource,
  news: Properties,
): Promise<{ inputs: Properties; failures: Failure[] }> {
  // For the official plugins null is another word for absent.
  const own = Object.fromEntries(Object.entries(ownProperties(news)).filter(([, value]) => value !== null));
  const parsed = definition.schema.safeParse(own);
  if (parsed.success) {
    const failures = hasUnknown(own) ? [] : ((await definition.validate?.(parsed.data)) ?? []);
    return { inputs: parsed.data, failures };
  }
  const failures = parsed.error.issues
    .filter((issue) => !hasUnknown(valueAt(own, issue.path)))
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({
            property: [...issue.path, key].join("."),
            reason: "is not a property of this resource type",
          }))
        : [{ property: issue.path.join("."), reason: issue.message }],
    );
  return { inputs: own, failures };
}
