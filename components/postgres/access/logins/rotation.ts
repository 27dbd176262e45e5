/** One of the two logins of an application. */
export interface RotatedLogin {
  readonly role: string;
  /** How often this login's password has been changed. */
  readonly passwordVersion: number;
}

const secondLogin = (name: string): string => `${name}_b`;

/**
 * Logins of an application: one until its first rotation, then two that take turns. A rotation gives a new password to the one that
 * is not in use and puts it into use; the other goes on as it was until the next rotation, so clients move over when they like, and
 * a leaked password is of no use after two rotations.
 * @param name name of the application, and of its first login
 * @param rotations rotations so far
 */
export function loginsOf(name: string, rotations: number): RotatedLogin[] {
  const first = { role: name, passwordVersion: Math.floor(rotations / 2) };
  if (rotations === 0) return [first];
  return [first, { role: secondLogin(name), passwordVersion: Math.ceil(rotations / 2) }];
}

/** The login that is in use. */
export const currentLogin = (name: string, rotations: number): string =>
  rotations % 2 === 0 ? name : secondLogin(name);
