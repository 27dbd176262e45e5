/**
 * Major versions of PostgreSQL that the program supports, and the one of a stack whose config names none. For a stack of this machine the
 * command looks first what the distribution has (`setup/packages/distribution.ts`).
 */
export const postgresVersions = { oldest: 14, newest: 18, usual: 15 } as const;

/** True for a major version that the program supports. */
export const isSupported = (version: number): boolean =>
  Number.isInteger(version) && version >= postgresVersions.oldest && version <= postgresVersions.newest;
