/**
 * SQL for a superuser, once a cluster, in the database `postgres`: PUBLIC loses what PostgreSQL gives it on the databases that
 * `initdb` makes. Their owner is the superuser, so `Access` cannot do it. May run again at any time.
 *
 * @param logins those that need `postgres` itself: the administrator, and who runs pg_rewind
 * @throws if a name would need quotes
 */
export function closeMaintenanceDatabases(logins: readonly string[]): string {
  const odd = logins.find((login) => !/^[a-z_][a-z0-9_]{0,62}$/.test(login));
  if (odd !== undefined) throw new Error(`${JSON.stringify(odd)} is no plain role name`);
  return [
    "BEGIN;",
    "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
    ...logins.map((login) => `GRANT CONNECT ON DATABASE postgres TO ${login};`),
    "COMMIT;",
    "",
  ].join("\n");
}
