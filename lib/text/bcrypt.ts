import { genSaltSync, hashSync } from "bcryptjs";

/** The official plugin's cost: the logarithm of the number of key expansions. */
const cost = 10;

/**
 * The bcrypt hash of a password, of which it reads 72 bytes at most.
 * @param salt as bcrypt writes it, `$2a$<cost>$<22 characters>`; default: a random one
 */
export function bcrypt(password: string, salt: string = newSalt()): string {
  return hashSync(password, salt);
}

/** `$2a$`, as the official plugin writes it; the library's `$2b$` is the same function. */
const newSalt = (): string => genSaltSync(cost).replace(/^\$2b\$/, "$2a$");
