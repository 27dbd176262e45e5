import { scramSecret } from "../../../../lib/scram";

/** Printable ASCII, for which SASLprep (RFC 4013) changes nothing. */
const unchangedBySaslprep = /^[\x20-\x7e]+$/;

/**
 * What PostgreSQL stores for a password. Given instead of the password, it keeps the password itself out of SQL and so out of the
 * server's log.
 *
 * @param password printable ASCII
 * @param salt base64 of 16 bytes or more; the same salt gives the same verifier, so that nothing changes on the next `up`
 * @throws if the password is empty or would need SASLprep, or if the salt is too short
 */
export function scramVerifier(password: string, salt: string): string {
  if (!unchangedBySaslprep.test(password)) throw new Error("a password must be printable ASCII and not empty");
  const saltBytes = Buffer.from(salt, "base64");
  if (saltBytes.length < 16) throw new Error("a SCRAM salt needs 16 bytes, in base64");
  return scramSecret(password, saltBytes);
}
