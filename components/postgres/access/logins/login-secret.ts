import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { scramVerifier } from "./scram";

/** Both are secrets: the verifier too, because an impostor of the server can use it. */
export interface LoginSecret {
  readonly password: pulumi.Output<string>;
  /** What PostgreSQL stores; see `scram.ts`. */
  readonly verifier: pulumi.Output<string>;
}

/** Letters and digits only, so that a URL needs no escaping: 48 of 62 are 285 bits. */
const passwordShape = { length: 48, special: false } as const;

/**
 * A generated password and its verifier; the salt is kept too, so that the verifier is the same on every `up`.
 * @param version changing it generates a new password and salt
 */
export function loginSecret(parent: pulumi.Resource, name: string, version = 0): LoginSecret {
  const keepers = version === 0 ? {} : { keepers: { version: String(version) } };
  const { result } = new random.RandomPassword(`${name}-password`, { ...passwordShape, ...keepers }, { parent });
  const { base64 } = new random.RandomBytes(`${name}-salt`, { length: 16, ...keepers }, { parent });
  const verifier = pulumi.all([result, base64]).apply(([password, salt]) => scramVerifier(password, salt));
  return { password: pulumi.secret(result), verifier: pulumi.secret(verifier) };
}
