import { createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../lib/errors";
import { makeFolder, namesIn, writeOnce } from "../../lib/files";
import type { Locations } from "../../lib/paths";

/** Files of the stacks that a file backend has. */
export const stacksBelow = (backend: string): string[] =>
  namesIn(join(backend, ".pulumi", "stacks", "howdah")).filter((name) => name.endsWith(".json"));

/**
 * Makes the passphrase of this machine's local stacks once: 32 random bytes, mode 0600, never printed.
 * Throws a `Failure` when it is gone and stacks need it: a new one could not read them.
 */
export function ensurePassphrase(at: Locations): void {
  if (existsSync(at.passphraseFile)) return;
  const orphans = stacksBelow(at.backend);
  if (orphans.length > 0)
    throw new Failure(
      `the passphrase file ${at.passphraseFile} is missing, but ${orphans.join(", ")} in ${at.backend} need it.\n` +
        "Restore it from a copy. Without it, the secrets in that state cannot be decrypted.",
    );
  makeFolder(at.root, 0o755);
  writeOnce(at.passphraseFile, `${randomBytes(32).toString("base64")}\n`, 0o600);
}

/**
 * True when the passphrase opens the salt, which holds a known text encrypted with it
 * (sdk/go/common/resource/config and pkg/secrets/passphrase: `v1:<salt>:v1:<nonce>:<ciphertext>`, PBKDF2-SHA256 with 1,000,000
 * rounds, AES-256-GCM). Takes about half a second: only for explaining an error.
 */
export function opensSalt(passphrase: string, salt: string): boolean {
  const [, seed, , nonce, sealed] = salt.split(":");
  if (seed === undefined || nonce === undefined || sealed === undefined) return false;
  const key = pbkdf2Sync(passphrase.trim(), Buffer.from(seed, "base64"), 1_000_000, 32, "sha256");
  const bytes = Buffer.from(sealed, "base64");
  const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  cipher.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]).toString() === "pulumi";
  } catch {
    return false;
  }
}
