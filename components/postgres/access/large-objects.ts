import { fillSql } from "../../../lib/sql/fill";
import { textFile } from "../../../lib/text/text-file";
import { backupGroup, privilegeMatrix, roleOf, type DatabaseGroup } from "./matrix";

/** PostgreSQL's functions that make, open, change or remove large objects; all it lets everybody run. Reading is `lo_get`'s. */
const writers = [
  "lo_creat(integer)",
  "lo_create(oid)",
  "lo_from_bytea(oid, bytea)",
  "lo_open(oid, integer)",
  "lo_put(oid, bigint, bytea)",
  "lo_truncate(integer, integer)",
  "lo_truncate64(integer, bigint)",
  "lo_unlink(oid)",
  "lowrite(integer, bytea)",
];

/** Those that read and write files of the server: for superusers only. */
const fileFunctions = ["lo_export(oid, text)", "lo_import(text)", "lo_import(text, oid)"];

/** Opens one for reading, as `pg_dump` does, or for the functions that write. */
const opener = "lo_open(oid, integer)";

const functions = (names: readonly string[]): string => names.map((name) => `pg_catalog.${name}`).join(", ");

const probe = fillSql(textFile(__dirname, "large-objects-probe.sql"), {
  values: { functions: [...writers, ...fileFunctions].map((name) => `pg_catalog.${name}`) },
});

/** SQL of a superuser for one database. */
export interface LargeObjectScript {
  readonly apply: string;
  readonly probe: string;
  readonly revert: string;
}

/**
 * Leaves large objects to the groups that may write: PostgreSQL lets everybody who may log in make them, so a login that only
 * reads could fill the disk, and no dump by another login than a superuser's could read what it made.
 * @param database of the configuration; none for one that only superusers and new databases use
 */
export function largeObjectScript(database?: string): LargeObjectScript {
  const groups = (["owner", "readwrite"] as const satisfies readonly DatabaseGroup[]).filter(
    (group) => privilegeMatrix[group].largeObject.length > 0,
  );
  const grants: readonly (readonly [string, string])[] =
    database === undefined
      ? []
      : [
          [functions(writers), groups.map((group) => `"${roleOf(group, database)}"`).join(", ")],
          [functions([opener]), backupGroup],
        ];
  const apply = [
    `REVOKE ALL ON FUNCTION ${functions([...writers, ...fileFunctions])} FROM PUBLIC;`,
    ...grants.map(([what, who]) => `GRANT EXECUTE ON FUNCTION ${what} TO ${who};`),
  ].join("\n");
  // PostgreSQL's own defaults again; a role with a grant could not be dropped.
  const revert = [
    `GRANT EXECUTE ON FUNCTION ${functions(writers)} TO PUBLIC;`,
    ...grants.map(([what, who]) => `REVOKE ALL ON FUNCTION ${what} FROM ${who};`),
  ].join("\n");
  return { apply, probe, revert };
}
