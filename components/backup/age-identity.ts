import { bech32 } from "bech32";

/** bech32 as age uses it has no limit on length (C2SP, age.md); the library's stock one is 90. */
const longest = 128;

/**
 * A file with an age identity (private key of X25519), as `age -i` reads it.
 * @param seed 32 random bytes, base64
 */
export function ageIdentity(seed: string): string {
  const words = bech32.toWords(Buffer.from(seed, "base64"));
  return `# Opens the dumps of this stack: keep a copy elsewhere.\n${bech32.encode("age-secret-key-", words, longest).toUpperCase()}\n`;
}
