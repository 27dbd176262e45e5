import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { bech32 } from "bech32";

/** bech32 as age uses it has no limit on length (C2SP, age.md); the library's stock one is 90. */
const longest = 128;

/** An X25519 private key in PKCS #8, before its 32 bytes (RFC 8410). */
const privateKeyStart = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Shape of the password: 48 letters and digits are 285 bits, more than the key's 256. */
export const seedShape = { length: 48, special: false } as const;

/** The key's 32 bytes. A generated password, as its value is no id of a resource: ids are in clear in the state. */
const keyOf = (password: string): Buffer => createHash("sha256").update(`howdah dumps ${password}`).digest();

const encode = (prefix: string, bytes: Uint8Array): string => bech32.encode(prefix, bech32.toWords(bytes), longest);

/**
 * A file with an age identity (private key of X25519), as `age -i` reads it.
 * @param password generated, with the shape of `seedShape`
 */
export const ageIdentity = (password: string): string =>
  `# Opens the dumps of this stack: keep a copy elsewhere.\n${encode("age-secret-key-", keyOf(password)).toUpperCase()}\n`;

/** A line of `ageIdentity`, as a regular expression. */
export const identityLine = "^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$";

/** The recipient (public key, `age1…`) of the identity that this password makes. */
export function ageRecipient(password: string): string {
  const der = Buffer.concat([privateKeyStart, keyOf(password)]);
  const { x = "" } = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
    format: "jwk",
  });
  return encode("age", Buffer.from(x, "base64url"));
}
