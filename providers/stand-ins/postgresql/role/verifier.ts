import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

const ITERATIONS = 4096;
const ALREADY_HASHED = /^(md5[0-9a-f]{32}|SCRAM-SHA-256\$.+)$/;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * What to send for a password: its SCRAM-SHA-256 verifier (RFC 5803), so that the text itself reaches no server log and no
 * statement statistics. Other than printable ASCII goes as it is, since the server normalizes it first (SASLprep).
 */
export function passwordVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (ALREADY_HASHED.test(password) || !PRINTABLE_ASCII.test(password)) return password;
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
