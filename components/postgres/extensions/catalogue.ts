/** Oldest minor version that has an extension, by major version; every minor version of a major version that is not named has it. */
type Since = Readonly<Record<number, number>>;

/** AWS's services with PostgreSQL; instances and Multi-AZ DB clusters of RDS have the same engine. */
export type AwsService = "RDS" | "Aurora";

/** What howdah has to know of an extension before any server is asked. */
export interface CatalogueEntry {
  /** Debian package, with MAJOR for the major version. Default: the server's own package brings it. */
  readonly package?: string;
  /** PostgreSQL marks it trusted: its script is safe in a schema of the database's owner, who may install it. */
  readonly trusted: boolean;
  /**
   * Schemas that it may be in: any of the config, or only the one that howdah makes for extensions (its script creates objects
   * there as a superuser, and they cannot be moved afterwards), or pg_catalog.
   */
  readonly place: "any" | "extensions" | "pg_catalog";
  /** Library that the server has to load when it starts. */
  readonly library?: string;
  /** Only its library is loaded, and no extension created. Default: false. */
  readonly libraryOnly?: boolean;
  /** Versions of RDS and Aurora that have it; absent if none has. */
  readonly aws?: Readonly<Record<AwsService, Since>>;
  /** Its script refuses to run while pgaudit logs. Default: false. */
  readonly unaudited?: boolean;
  /** False if a dump is restored without it: its library is not loaded there, or it would act there. Default: true. */
  readonly inDumps?: boolean;
  /** Privileges of the database's owner on what it makes: `GRANT … TO owner`. Default: none. */
  readonly owner?: readonly string[];
}

const onAws = { RDS: {}, Aurora: {} } as const;

/** Of PostgreSQL itself, `trusted = true` in its control file; the same list in 14 to 18. */
const trusted: CatalogueEntry = { trusted: true, place: "any", aws: onAws };
/** Of PostgreSQL itself, for superusers; its objects can be moved to another schema. */
const restricted: CatalogueEntry = { trusted: false, place: "any", aws: onAws };

/** Of a package of its own; its objects can be moved to another schema. */
const packaged = (name: string, rest: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  ...restricted,
  package: `postgresql-MAJOR-${name}`,
  ...rest,
});

/** Not yet in the first versions of PostgreSQL 14 and 16 on AWS. */
const latecomer: CatalogueEntry = { ...trusted, aws: { RDS: { 14: 8, 16: 2 }, Aurora: { 14: 7 } } };

/**
 * Extensions that a config may name, sorted. Trust, schema and package: the control files of PostgreSQL 15 and of the packages of
 * Debian 12 (of `vector`, those of the PostgreSQL project's repository: Debian 12 has no package of it).
 *
 * `aws`: the tables of "Extension versions for Amazon RDS for PostgreSQL" (up to 18.6, 17.11, 16.15, 15.19 and 14.24) and "Extensions
 * supported for Amazon Aurora PostgreSQL" (up to 18.4, 17.10, 16.14, 15.18 and 14.23), in AWS's release notes as of October 2026. Nothing
 * here was tried on AWS: `SHOW rds.extensions` on a server is the last word.
 *
 * Not here, with the reason: dblink and the foreign data wrappers (they connect elsewhere, and need grants of their own), earthdistance
 * and others that require a second extension (their scripts call what is in its schema), adminpack, pageinspect and pg_surgery (for
 * superusers alone), lo (it removes large objects, which howdah denies to readers), amcheck (a drill makes it), and auto_explain (a
 * library without an extension).
 */
export const catalogue: Readonly<Record<string, CatalogueEntry>> = {
  bloom: restricted,
  btree_gin: trusted,
  btree_gist: trusted,
  citext: trusted,
  cube: trusted,
  dict_int: trusted,
  fuzzystrmatch: trusted,
  hstore: trusted,
  hypopg: packaged("hypopg", { aws: { RDS: { 14: 9, 15: 4 }, Aurora: { 14: 10, 15: 5, 17: 5 } } }),
  intarray: trusted,
  ip4r: packaged("ip4r"),
  isn: trusted,
  ltree: trusted,
  pg_buffercache: restricted,
  pg_cron: packaged("cron", {
    place: "pg_catalog",
    library: "pg_cron",
    inDumps: false,
    owner: ["USAGE ON SCHEMA cron"],
  }),
  pg_freespacemap: restricted,
  // Without pg_partman_bgw: the worker maintains the partitions, and runs their owners' code, as a superuser.
  pg_partman: packaged("partman", {
    place: "extensions",
    owner: ["SELECT, INSERT, UPDATE, DELETE ON TABLE extensions.part_config, extensions.part_config_sub"],
  }),
  pg_prewarm: restricted,
  pg_stat_statements: { ...restricted, library: "pg_stat_statements" },
  pg_trgm: trusted,
  pg_visibility: restricted,
  // Its extension adds names of objects to the lines, by event triggers that make every DDL statement fail as soon as the library is
  // not loaded: after the extension has left the config, and in restored servers. The statement itself is logged without them.
  pgaudit: packaged("pgaudit", { place: "extensions", library: "pgaudit", libraryOnly: true, inDumps: false }),
  pgcrypto: trusted,
  pgrowlocks: restricted,
  pgstattuple: restricted,
  postgis: packaged("postgis-3", { place: "extensions", unaudited: true }),
  seg: latecomer,
  tablefunc: trusted,
  tcn: latecomer,
  tsm_system_rows: trusted,
  tsm_system_time: trusted,
  unaccent: trusted,
  "uuid-ossp": trusted,
  vector: packaged("pgvector", { aws: { RDS: { 14: 9, 15: 4 }, Aurora: { 14: 8, 15: 3 } } }),
};

/** The entry of an extension; undefined if the catalogue has none. Names come from a user: `constructor` is none of the table's. */
export const entryOf = (name: string): CatalogueEntry | undefined =>
  Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;

/** Debian package of an extension, besides the server's own. @param major version of PostgreSQL */
export const packageOf = (name: string, major: number): string | undefined =>
  entryOf(name)?.package?.replace("MAJOR", String(major));

/** Extensions that no restored dump contains. */
export const absentFromDumps: readonly string[] = Object.entries(catalogue)
  .filter(([, { inDumps }]) => inDumps === false)
  .map(([name]) => name);
