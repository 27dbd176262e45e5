import { parse, parseDocument } from "yaml";

const namespace = "howdah:";

/** The engine hands every value over as a string; mappings and lists as JSON. */
function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The keys of the namespace, without the prefix.
 * @param config every key of the stack, as `pulumi.runtime.allConfig()` returns them
 */
export function ownKeys(config: Readonly<Record<string, string>>): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(namespace));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(namespace.length), decoded(text)]));
}

/**
 * The same keys out of the text of a config file, as the engine would hand them over.
 * @throws an error of the library if it is not valid YAML
 */
export function keysOfFile(text: string): Record<string, unknown> {
  const file = parse(text) as { config?: Record<string, unknown> | null } | null;
  const texts = Object.entries(file?.config ?? {}).map(([key, value]): [string, string] => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return ownKeys(Object.fromEntries(texts));
}

/**
 * One value out of the text of a config file, for what has to be known before the config is checked.
 * @param key of the namespace, without the prefix
 * @param path to the value below it
 * @returns undefined if it is not there; what else is wrong with the text is for the check to say
 */
export const valueInFile = (text: string | undefined, key: string, ...path: readonly string[]): unknown =>
  parseDocument(text ?? "").getIn(["config", `${namespace}${key}`, ...path]);
