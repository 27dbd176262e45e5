import { z } from "zod";
import { hasControl } from "./text/printable";

/** A text of a config that no message, log and no JSON shows: only `reveal` gives it out. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}

/** True if a message about a config must not show the values that a schema accepts. */
export const isSecretText = (schema: unknown): boolean =>
  schema instanceof z.ZodType && schema.meta()?.["writeOnly"] === true;

/**
 * A secret in a config, one line of text; `pulumi config set --secret --path` encrypts it in the file.
 * @param allowed true for a text that is right
 * @param error what is right, in words
 */
export const secretText = (allowed: (text: string) => boolean, error: string) =>
  z
    .string()
    .refine((text) => allowed(text) && !hasControl(text), { error })
    .meta({ writeOnly: true })
    .transform((text) => new Secret(text));
