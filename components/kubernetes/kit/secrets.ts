import type * as pulumi from "@pulumi/pulumi";

/** Password or verifier of a login. @throws if `Access` made none */
export function loginSecretOf(
  secrets: Readonly<Record<string, pulumi.Output<string>>>,
  login: string,
): pulumi.Output<string> {
  const secret = secrets[login];
  if (secret === undefined) throw new Error(`Access made no login ${login}`);
  return secret;
}
