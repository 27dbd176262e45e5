import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** PostgreSQL's own default (`SCRAM_SHA_256_DEFAULT_ITERATIONS`); a login costs the client as many rounds. */
const iterations = 4096;

/** Printable ASCII, for which SASLprep (RFC 4013) changes nothing. */
const unchangedBySaslprep = /^[\x20-\x7e]+$/;

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * What PostgreSQL stores for a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5803). Given in
 * place of the password, it keeps the password itself out of SQL and so out of the server's log.
 *
 * @param password printable ASCII
 * @param salt base64 of 16 bytes or more; the same salt gives the same verifier, so that nothing changes on the next `up`
 * @throws if the password is empty or would need SASLprep, or if the salt is too short
 */
export function scramVerifier(password: string, salt: string): string {
  if (!unchangedBySaslprep.test(password)) throw new Error("a password has to be printable ASCII and not empty");
  const saltBytes = Buffer.from(salt, "base64");
  if (saltBytes.length < 16) throw new Error("a SCRAM salt needs 16 bytes, in base64");
  const salted = pbkdf2Sync(password, saltBytes, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${saltBytes.toString("base64")}$${storedKey}:${serverKey}`;
}
