import { randomBytes } from "node:crypto";
import { Blowfish } from "./blowfish";

const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const TEXT = Buffer.from("OrpheanBeholderScryDoubt");
/** bcrypt reads no more bytes of a password than this. */
const LONGEST = 72;

/** bcrypt's base64: its own alphabet, no padding. */
function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("base64")
    .replace(/=+$/, "")
    .replace(/./g, (character) => ALPHABET[STANDARD.indexOf(character)] ?? "");
}

/**
 * The bcrypt hash of a password in the `$2a$` format.
 * @param cost logarithm of the number of key expansions; the official plugin takes 10
 */
export function bcrypt(password: string, cost = 10, salt: Uint8Array = randomBytes(16)): string {
  const key = Buffer.concat([Buffer.from(password).subarray(0, LONGEST), Buffer.of(0)]).subarray(0, LONGEST);
  const cipher = new Blowfish();
  cipher.expand(key, salt);
  for (let n = 0; n < 2 ** cost; n++) {
    cipher.expand(key);
    cipher.expand(salt);
  }
  const hash = Buffer.from(TEXT);
  for (let at = 0; at < hash.length; at += 8) {
    const [left, right] = cipher.encipher(hash.readInt32BE(at), hash.readInt32BE(at + 4), 64);
    hash.writeInt32BE(left, at);
    hash.writeInt32BE(right, at + 4);
  }
  return `$2a$${String(cost).padStart(2, "0")}$${encode(salt)}${encode(hash.subarray(0, 23))}`;
}
