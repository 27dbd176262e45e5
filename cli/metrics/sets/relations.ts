/** Tables of a server that have series of their own, whatever number of databases they are in. */
const places = 50;

/** Share of one database. */
export const placesOf = (databases: number): number => Math.max(5, Math.floor(places / Math.max(1, databases)));

/** Relations of this database that a session holds or wants in one of these modes: opening one of them could wait. */
export const relationsLocked = (modes: readonly string[]): string =>
  `locked AS MATERIALIZED (SELECT DISTINCT relation FROM pg_locks WHERE locktype = 'relation' AND mode IN (${modes.map((mode) => `'${mode}'`).join()}) AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/** Those that a session wants for itself alone. */
export const lockedRelations = relationsLocked(["AccessExclusiveLock"]);

/** Bytes of a relation; of a locked one, what the last VACUUM or ANALYZE has found. Needs `lockedRelations`. @param row of pg_class */
export const sizeOf = (row: string): string =>
  `CASE WHEN EXISTS (SELECT FROM locked WHERE locked.relation = ${row}.oid) THEN ${row}.relpages::bigint * current_setting('block_size')::bigint ELSE pg_relation_size(${row}.oid) END`;

/** Schemas of users. @param row of pg_namespace */
export const isUsers = (row: string): string => `${row}.nspname !~ '^pg_' AND ${row}.nspname <> 'information_schema'`;
