import { sha256 } from "../../../lib/text/hash";
import { fillSql } from "../../../lib/sql/fill";
import { textFile } from "../../../lib/text/text-file";

/**
 * One statement with parameters, or statements without. Parameters carry secrets: PostgreSQL logs the text of what changes the
 * schema, or fails, and leaves parameters out of both.
 */
export interface Step {
  readonly sql: string;
  readonly values?: readonly string[];
}

/** SQL of the password lookup in one database, for an administrator who is not a superuser. */
export interface LookupTable {
  /**
   * What makes, repairs and fills it; one transaction. Secret, because of the verifiers.
   * @param verifiers SCRAM verifiers by login; howdah's own logins are left out, as no client comes as one of them
   */
  readonly apply: (verifiers: Readonly<Record<string, string>>) => readonly Step[];
  /** One row with one text that changes if what `apply` made is altered; fails if that is gone. Holds no verifier. */
  readonly probe: string;
  /** Takes all of it back, the role included. Without effect if nothing was applied. */
  readonly revert: string;
}

export interface LookupTableArgs {
  /** Name of the database that the SQL will run in. */
  readonly database: string;
  /** Groups whose members are never returned, like superusers; one that does not exist is not an error. Default none. */
  readonly powerfulGroups?: readonly string[];
}

/**
 * Owner of table and functions: without login, and of one database, as scripts of two databases that shared it would collide on
 * its row. 62 characters at most, as a database has 48.
 */
export const lookupTableOwner = (database: string): string => `howdah_lookup_${database}`;

/**
 * Everything in a schema of its own, made as its owner, whose grants no other role can have set beforehand: `pooler.user_lookup`, and
 * `pooler.verifiers_fingerprint`, which lets the administrator see that rows were altered, and not what is in them.
 */
const build = textFile(__dirname, "table/build.sql");

/**
 * Hash of the definitions, owners and grants, and of the owner's attributes and members; null without the schema. The
 * administrator is left out of the members: from PostgreSQL 16 on, the maker of a role administers it.
 */
const structure = textFile(__dirname, "table/structure.sql");

/** True if there is a schema of this name that is not ours. Ours begins its comment with `howdah `. */
const foreign = textFile(__dirname, "table/foreign.sql");

/**
 * Removes the objects and their owner, under any owner that they have by now: the administrator joins each owner for the moment. Without
 * CASCADE: a schema that holds something else stops the script, and nothing is lost. For a block that declares `adopted` and `other`.
 */
const drop = textFile(__dirname, "table/drop.sql");

/** The owner's part of `apply`: all of it made again if anything differs from what was made, and nothing touched elsewhere. */
const shape = textFile(__dirname, "table/shape.sql");

/** Rows are changed in place, so that a login meanwhile finds its own: no lock stands in its way. */
const fill = textFile(__dirname, "table/fill.sql");

const revert = textFile(__dirname, "table/revert.sql");

const isHowdahSession = (login: string): boolean => login.startsWith("howdah_") || login.startsWith("pg_");

function fillStep(verifiers: Readonly<Record<string, string>>): Step {
  const rows = Object.entries(verifiers).filter(([login]) => !isHowdahSession(login));
  return { sql: fill, values: [JSON.stringify(Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1))))] };
}

/**
 * The password lookup of PgBouncer on a server if no login may read `pg_authid`: a table of the verifiers that the program knows, and
 * `pooler.user_lookup`, which only PgBouncer may call. Its administrator may create roles and is a member of the database's
 * owner; `howdah_pooler` has to exist. The search path has to be `pg_catalog`.
 */
export function lookupTable({ database, powerfulGroups = [] }: LookupTableArgs): LookupTable {
  const owner = lookupTableOwner(database);
  const values = { owner };
  const parts = { foreign: fillSql(foreign, { values }), drop: fillSql(drop, { values }) };
  const made = fillSql(build, { values: { owner, groups: powerfulGroups } });
  // Another text is another version: with the newline before it, it is the one of the tables that are there.
  const version = `howdah ${sha256(`\n${made}`).slice(0, 16)} `;
  const inPlace = fillSql(structure, { values });
  const shapeStep = {
    sql: fillSql(shape, { values: { owner, version }, parts: { ...parts, structure: inPlace, build: made } }),
  };
  const leave = { sql: fillSql('SET LOCAL ROLE NONE; REVOKE :"owner" FROM CURRENT_USER;', { values }) };
  return {
    apply: (verifiers) => [shapeStep, fillStep(verifiers), leave],
    probe: `SELECT pg_catalog.concat_ws(' ', ${inPlace}, pooler.verifiers_fingerprint())`,
    revert: fillSql(revert, { parts }),
  };
}
