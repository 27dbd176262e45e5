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
  /** Oldest major version of RDS and Aurora that has it; absent if neither has. */
  readonly rds?: number;
  /** False if a dump is restored without it: its library is not loaded there, or it would act there. Default: true. */
  readonly inDumps?: boolean;
  /** Privileges of the database's owner on what it makes: `GRANT … TO owner`. Default: none. */
  readonly owner?: readonly string[];
}

/** Of PostgreSQL itself, `trusted = true` in its control file; the same list in 14 to 18. */
const trusted: CatalogueEntry = { trusted: true, place: "any", rds: 14 };
/** Of PostgreSQL itself, for superusers; its objects can be moved to another schema. */
const restricted: CatalogueEntry = { trusted: false, place: "any", rds: 14 };

/** Of a package of its own; its objects can be moved to another schema. */
const packaged = (name: string, rest: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  ...restricted,
  package: `postgresql-MAJOR-${name}`,
  ...rest,
});

/**
 * Extensions that a config may name, sorted. Trust, schema and package: the control files of PostgreSQL 15 and of the packages of
 * Debian 12 (of `vector`, those of the PostgreSQL project's repository: Debian 12 has no package of it).
 *
 * `rds`: "Extension versions for Amazon RDS for PostgreSQL" and its counterpart for Aurora, as of November 2026 from memory: nothing
 * here was tried on AWS. `SHOW rds.extensions` on a server is the last word.
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
  hypopg: packaged("hypopg"),
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
  postgis: packaged("postgis-3", { place: "extensions" }),
  seg: trusted,
  tablefunc: trusted,
  tcn: trusted,
  tsm_system_rows: trusted,
  tsm_system_time: trusted,
  unaccent: trusted,
  "uuid-ossp": trusted,
  vector: packaged("pgvector"),
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
