import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** PostgreSQL's own default (`SCRAM_SHA_256_DEFAULT_ITERATIONS`); a login costs the client as many rounds. */
const iterations = 4096;

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * What PostgreSQL stores for a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5803).
 * @param password as SASLprep (RFC 4013) leaves it, which is the text itself if it is printable ASCII
 */
export function scramSecret(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
