import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Hash of a text, for an annotation that replaces pods when it changes; no secret even where the text is one. */
export const checksum = (text: pulumi.Output<string>): pulumi.Output<string> =>
  pulumi.unsecret(text.apply((content) => createHash("sha256").update(content).digest("hex")));

/** Password or verifier of a login. @throws if `Access` made none */
export function loginSecretOf(
  secrets: Readonly<Record<string, pulumi.Output<string>>>,
  login: string,
): pulumi.Output<string> {
  const secret = secrets[login];
  if (secret === undefined) throw new Error(`Access made no login ${login}`);
  return secret;
}
