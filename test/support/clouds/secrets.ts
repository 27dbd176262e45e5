import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestStack } from "../stack/stack";

interface Export {
  readonly deployment: {
    readonly resources: readonly { readonly urn: string; readonly type: string; readonly outputs?: Outputs }[];
  };
}
type Outputs = Readonly<Record<string, unknown>>;

/** Generated passwords by logical name of their resource, decrypted from the state. */
export async function generatedPasswords(stack: TestStack): Promise<Record<string, string>> {
  const state = (await stack.json("stack", "export", "--show-secrets")) as Export;
  const passwords = state.deployment.resources.filter(({ type }) => type.endsWith(":RandomPassword"));
  return Object.fromEntries(
    passwords.map(({ urn, outputs }) => {
      const secret = outputs?.["result"] as { readonly plaintext: string };
      return [urn.split("::").at(-1) ?? "", JSON.parse(secret.plaintext) as string];
    }),
  );
}

/** Files below a folder in which one of the texts occurs in clear. */
export function filesWith(folder: string, texts: readonly string[]): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const content = readFileSync(path);
      return texts.some((text) => content.includes(text));
    });
}
