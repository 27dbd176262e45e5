/**
 * Settings of PostgreSQL's client library (https://www.postgresql.org/docs/current/libpq-envars.html) and of the programs around it. They
 * are meant for the user's own sessions: `PGSERVICE` or `PGOPTIONS` would lead ours elsewhere, `PGBACKREST_REPO1_PATH` a backup.
 * By pattern, as each release of PostgreSQL brings new ones.
 */
const foreign = /^(PG[A-Z]+|PGCONNECT_TIMEOUT|PG_COLORS?|PSQL.*|PGBACKREST_.*|PATRONI_.*|ETCD(CTL)?_.*)$/;

/** True for a variable that no program of ours may see, unless we set it ourselves. */
export const isForeign = (name: string): boolean => foreign.test(name);

/** The environment without the settings that are meant for the user's own sessions. */
export const withoutForeign = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !isForeign(name)));

/** Takes them out of this process's own environment, and so out of that of whatever it starts. */
export function forgetForeign(): void {
  for (const name of Object.keys(process.env)) if (isForeign(name)) Reflect.deleteProperty(process.env, name);
}
