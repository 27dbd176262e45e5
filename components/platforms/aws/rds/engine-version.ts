/** Major and minor of a version such as `15.14`; what follows them (`15.14.1` of Aurora, `15.14-R2` of RDS) is left out. */
function numbers(version: string): [major: number, minor: number] {
  const [major = NaN, minor = NaN] = version.split(/[.-]/).map(Number);
  return [major, minor];
}

/**
 * What to say of servers that run another version than the config names; undefined where there is nothing to say, or nothing to tell from. Nobody goes back
 * to an older minor: RDS refuses it, so a newer one is a fact to write down.
 */
export function versionNotice(configured: string, running: string): string | undefined {
  const [major, minor] = numbers(configured);
  const [runningMajor, runningMinor] = numbers(running);
  if ((major === runningMajor && minor === runningMinor) || Number.isNaN(runningMajor + runningMinor)) return undefined;
  if (runningMajor > major || (runningMajor === major && runningMinor > minor))
    return `the servers run PostgreSQL ${running}, newer than howdah:aws.engineVersion "${configured}": AWS has upgraded them. Write "${runningMajor}.${runningMinor}"; there is no way back`;
  return `the servers run PostgreSQL ${running}, older than howdah:aws.engineVersion "${configured}": with howdah:aws.upgrade.minor automatic AWS installs minors when it sees fit; to have \`up\` do it, set it to pinned`;
}
