import * as pulumi from "@pulumi/pulumi";
import { parseSettings, type Settings } from "./settings";

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
 * The stack's settings; the only reader of Pulumi's config.
 * @throws ConfigError listing every problem
 */
export const readSettings = (): Settings => parseSettings(ownKeys(pulumi.runtime.allConfig()), pulumi.getStack());
