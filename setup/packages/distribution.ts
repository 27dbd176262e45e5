import { isSupported, postgresVersions } from "../../contracts/postgres-versions";
import { readText, namesIn } from "../../lib/files";

/** Major version of PostgreSQL in the packages of each release, by `ID` and `VERSION_ID` in /etc/os-release. */
const packaged: Readonly<Record<string, number>> = {
  "debian 12": 15,
  "debian 13": 17,
};

/** What the choice depends on. */
export interface Distribution {
  /** Text of /etc/os-release; undefined if there is none. */
  readonly release: string | undefined;
  /** Names in /usr/lib/postgresql: the major versions that are installed. */
  readonly installed: readonly string[];
}

const fieldOf = (release: string, name: string): string =>
  new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(release)?.[1] ?? "";

/** The release as people call it, for example "debian 13"; " " if the text does not say. */
export const releaseOf = (release: string): string => `${fieldOf(release, "ID")} ${fieldOf(release, "VERSION_ID")}`;

/** Code name of the release, for example "trixie"; empty if the text does not say. */
export const codenameOf = (release: string): string => fieldOf(release, "VERSION_CODENAME");

/** Text of /etc/os-release, which describes this machine's distribution; undefined if there is none. */
export const osRelease = (): string | undefined => readText("/etc/os-release");

const thisDistribution = (): Distribution => ({
  release: osRelease(),
  installed: namesIn("/usr/lib/postgresql"),
});

/**
 * Major version of PostgreSQL for a new stack whose config names none: the one that the distribution has; on an unknown distribution
 * the newest installed one that the program supports.
 */
export function usualPostgres({ release = "", installed } = thisDistribution()): number {
  const supported = installed.map(Number).filter(isSupported);
  return packaged[releaseOf(release)] ?? (supported.length > 0 ? Math.max(...supported) : postgresVersions.usual);
}
