import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "./resource";

/** Drops what protobuf's Struct cannot hold: keys whose value is undefined. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutUndefined(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutUndefined(item)]));
}

export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(withoutUndefined(properties) as Record<string, JavaScriptValue>);
}

/** How the engine marks a secret: an object with this key and value, next to the value itself. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The value without marks: a provider's configuration comes marked, since the engine does not yet know that we want it plain. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  const properties = value as Properties;
  if (properties[signatureKey] === secretSignature) return unwrapped(properties["value"]);
  return Object.fromEntries(Object.entries(properties).map(([key, item]) => [key, unwrapped(item)]));
}

export function fromStruct(struct: Struct | undefined): Properties {
  return unwrapped(struct?.toJavaScript() ?? {}) as Properties;
}
