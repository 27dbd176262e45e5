import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { bech32 } from "bech32";
import { Failure } from "../../lib/errors";

/** bech32 as age uses it has no limit on length (C2SP, age.md); the library's stock one is 90. */
const longest = 128;

/** An X25519 private key in PKCS #8, before its 32 bytes (RFC 8410). */
const privateKeyStart = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Shape of the password: 48 letters and digits are 285 bits, more than the key's 256. */
export const seedShape = { length: 48, special: false } as const;

/**
 * The key's 32 bytes. A generated password, as its value is no id of a resource: ids are in clear in the state.
 * @throws without a password, which is what Pulumi hands over in an `up --target` that leaves out one that has to be made: its
 * absence would make a key, too, and one that anybody can make
 */
function keyOf(password: string | undefined): Buffer {
  if (password === undefined)
    throw new Failure("the key of the dumps has yet to be made: run `up` once without --target or --exclude");
  return createHash("sha256").update(`howdah dumps ${password}`).digest();
}

const encode = (prefix: string, bytes: Uint8Array): string => bech32.encode(prefix, bech32.toWords(bytes), longest);

/**
 * A file with an age identity (private key of X25519), as `age -i` reads it.
 * @param password generated, with the shape of `seedShape`
 */
export const ageIdentity = (password: string): string =>
  `# Opens the dumps of this stack: keep a copy elsewhere.\n${encode("age-secret-key-", keyOf(password)).toUpperCase()}\n`;

/** The identity that was made of a seed of 32 random bytes (base64), before there were passwords. */
export const formerIdentity = (seed: string): string =>
  encode("age-secret-key-", Buffer.from(seed, "base64")).toUpperCase();

/** A line of `ageIdentity`, as a regular expression. */
export const identityLine = "^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$";

/** The identities in a file, each once. */
export function identitiesIn(file: string): string[] {
  const identity = new RegExp(identityLine);
  return [...new Set(file.split("\n").filter((line) => identity.test(line)))];
}

/** A file with identities, and below them the earlier ones, for dumps that exist: dumps are encrypted to the first one. */
export function withEarlier(file: string, earlier: readonly string[]): string {
  const present = new Set(identitiesIn(file));
  const others = identitiesIn(earlier.join("\n")).filter((line) => !present.has(line));
  return [file, ...others.map((line) => `${line}\n`)].join("");
}

/** The recipient (public key, `age1…`) of the identity that this password makes. */
export function ageRecipient(password: string): string {
  const der = Buffer.concat([privateKeyStart, keyOf(password)]);
  const { x = "" } = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
    format: "jwk",
  });
  return encode("age", Buffer.from(x, "base64url"));
}
