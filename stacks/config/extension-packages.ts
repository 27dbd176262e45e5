import { packageOf } from "../../components/postgres/extensions/catalogue";
import { demanded } from "../../components/postgres/extensions/extensions";
import { keysOfFile } from "./keys";
import { isRecord } from "../../lib/values";

/** A Debian package that an extension needs, besides the server's. */
export interface ExtensionPackage {
  readonly name: string;
  readonly extension: string;
}

/** Names in `extensions`, whichever way they are written. */
function namesIn(database: unknown): string[] {
  const list = isRecord(database) ? database["extensions"] : undefined;
  const names = Array.isArray(list) ? list.map((one: unknown) => (isRecord(one) ? one["name"] : one)) : [];
  return names.filter((name) => typeof name === "string");
}

function keysIn(text: string): Record<string, unknown> {
  try {
    return keysOfFile(text);
  } catch {
    return {};
  }
}

/**
 * Packages of the extensions that the text of a config file asks for, for the setup, which runs before the config is checked: what is
 * wrong with it is for the check to say.
 * @param major version of PostgreSQL
 */
export function extensionPackages(text: string | undefined, major: number): ExtensionPackage[] {
  const { databases, compliance } = keysIn(text ?? "");
  const named = isRecord(databases) ? Object.values(databases).flatMap(namesIn) : [];
  const names = [...new Set([...named, ...demanded(compliance === "hipaa" ? "hipaa" : "none")])].sort();
  return names.flatMap((extension) => {
    const name = packageOf(extension, major);
    return name === undefined ? [] : [{ name, extension }];
  });
}
