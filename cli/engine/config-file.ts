import { parseDocument } from "yaml";
import { Failure } from "../../lib/errors";

/**
 * The engine writes `encryptionsalt` into the config file of a stack with a passphrase, which would dirty the checkout.
 * So local stacks run on an effective config outside it: the checkout's text plus the salt.
 */
export function effectiveConfig(text: string, salt: string | undefined): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new Failure(`the stack's config is not valid YAML: ${error.message}`);
  // A salt of the file's own comes from `config set --secret`: its values can be read with that one only.
  if (salt !== undefined && !document.has("encryptionsalt")) document.set("encryptionsalt", salt);
  return document.toString();
}

/** The salt in a config file, if it has one. */
export function saltOf(text: string | undefined): string | undefined {
  const salt: unknown = text === undefined ? undefined : parseDocument(text).get("encryptionsalt");
  return typeof salt === "string" ? salt : undefined;
}
