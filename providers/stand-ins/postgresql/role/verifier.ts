import { randomBytes } from "node:crypto";
import { scramSecret } from "../../../../lib/scram";

const ALREADY_HASHED = /^(md5[0-9a-f]{32}|SCRAM-SHA-256\$.+)$/;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * What to send for a password: its SCRAM-SHA-256 verifier (RFC 5803), so that the text itself reaches no server log and no
 * statement statistics. Other than printable ASCII goes as it is, since the server normalizes it first (SASLprep).
 */
export const passwordVerifier = (password: string, salt: Buffer = randomBytes(16)): string =>
  ALREADY_HASHED.test(password) || !PRINTABLE_ASCII.test(password) ? password : scramSecret(password, salt);
