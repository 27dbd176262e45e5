/** Major versions of PostgreSQL that the program supports, and the one that it takes if the config names none: Debian 12 has it. */
export const postgresVersions = { oldest: 14, newest: 18, usual: 15 } as const;

/** True for a major version that the program supports. */
export const isSupported = (version: number): boolean =>
  Number.isInteger(version) && version >= postgresVersions.oldest && version <= postgresVersions.newest;
