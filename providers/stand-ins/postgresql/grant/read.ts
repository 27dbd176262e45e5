import type { QueryResultRow } from "pg";
import { fillSql } from "../../../../lib/sql/fill";
import { textFile } from "../../../../lib/text/text-file";
import type { Session } from "../session/connections";
import type { GrantInputs } from "./inputs";
import { samePrivileges } from "./privileges";
import { PUBLIC } from "../../../../lib/sql/quote";

/** One object with its owner and what a role holds on it. */
export interface Held extends QueryResultRow {
  readonly name: string;
  readonly owner: string;
  readonly privileges: string[];
  /** True if the role may pass them on: every one if the grant says so, any one if it does not. */
  readonly grantable: boolean;
}

const relations = (kinds: readonly string[], code: string): string =>
  fillSql(textFile(__dirname, "relations.sql"), { values: { kinds, code } });

const routines = (kinds: readonly string[]): string =>
  fillSql(textFile(__dirname, "routines.sql"), { values: { kinds } });

/** Objects by type. A missing list of grants means the built-in one, in which PUBLIC may hold something. */
const sources: Readonly<Record<GrantInputs["objectType"], string>> = {
  database: textFile(__dirname, "database.sql"),
  schema: textFile(__dirname, "schema.sql"),
  table: relations(["r", "p", "v", "m", "f"], "r"),
  sequence: relations(["S"], "s"),
  function: routines(["f", "a", "w"]),
  procedure: routines(["p"]),
  routine: routines(["f", "a", "w", "p"]),
};

const heldSql = textFile(__dirname, "held.sql");

/**
 * What the role holds now on each object that a grant is about: on all, or on those that were named. A function may be named with its
 * argument types, in any spelling that PostgreSQL reads. Not by `to_regprocedure`: it takes a right on the schema that the
 * administrator need not have.
 */
export function readHeld(session: Session, grant: GrantInputs): Promise<Held[]> {
  const place = grant.objectType === "database" ? grant.database : (grant.schema ?? "");
  return session.rows<Held>(fillSql(heldSql, { parts: { objects: sources[grant.objectType] } }), [
    grant.role,
    grant.role === PUBLIC,
    place,
    grant.objects ?? [],
    grant.withGrantOption,
  ]);
}

/** True if the role and the schema of a grant are there. */
export async function isThere(session: Session, grant: GrantInputs): Promise<boolean> {
  const row = await session.row<{ there: boolean }>(
    `SELECT ($1 = 'public' OR EXISTS (SELECT FROM pg_roles WHERE rolname = $1))
       AND ($2 = '' OR EXISTS (SELECT FROM pg_namespace WHERE nspname = $2)) AS there`,
    [grant.role, grant.objectType === "database" ? "" : (grant.schema ?? "")],
  );
  return row?.there === true;
}

/** The grant as the server has it: the first object that differs speaks for all. */
export function observed(grant: GrantInputs, held: readonly Held[]): GrantInputs {
  const { objectType, privileges, withGrantOption } = grant;
  const other = held.find((one) => !samePrivileges(objectType, one.privileges, privileges));
  if (other !== undefined) return { ...grant, privileges: other.privileges };
  const passing = held.filter((one) => one.privileges.length > 0);
  const differs = passing.some((one) => one.grantable !== withGrantOption);
  return differs ? { ...grant, withGrantOption: !withGrantOption } : grant;
}
