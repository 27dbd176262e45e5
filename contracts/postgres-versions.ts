/**
 * Major versions of PostgreSQL that the program supports, and the one of a stack whose config names none. For a stack of this machine the
 * command looks first what the distribution has (`setup/packages/distribution.ts`).
 */
export const postgresVersions = { oldest: 14, newest: 18, usual: 15 } as const;

/** True for a major version that the program supports. */
export const isSupported = (version: number): boolean =>
  Number.isInteger(version) && version >= postgresVersions.oldest && version <= postgresVersions.newest;

/** Last day of each major version's support: the PostgreSQL project's "Versioning policy". */
export const supportEnds: Readonly<Record<string, string>> = {
  14: "2026-11-12",
  15: "2027-11-11",
  16: "2028-11-09",
  17: "2029-11-08",
  18: "2030-11-14",
};
