import type { QueryResultRow } from "pg";
import type { Session } from "../session/connections";
import type { GrantInputs } from "./inputs";
import { samePrivileges } from "./privileges";
import { PUBLIC } from "./grantee";

/** One object with its owner and what a role holds on it. */
export interface Held extends QueryResultRow {
  readonly name: string;
  readonly owner: string;
  readonly privileges: string[];
  /** True if the role may pass them on: every one where the grant says so, any one where it does not. */
  readonly grantable: boolean;
}

const relation = (kinds: string, code: string): string =>
  `SELECT relname AS name, NULL::text AS signature, relowner AS owner, coalesce(relacl, acldefault('${code}', relowner)) AS acl
   FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($3)) AND relkind IN (${kinds})`;

const routine = (kinds: string): string =>
  `SELECT proname AS name, proname || '(' || oidvectortypes(proargtypes) || ')' AS signature, proowner AS owner, coalesce(proacl, acldefault('f', proowner)) AS acl
   FROM pg_proc WHERE pronamespace = to_regnamespace(quote_ident($3)) AND prokind IN (${kinds})`;

/** Objects by type. A missing list of grants means the built-in one, in which PUBLIC may hold something. */
const sources: Readonly<Record<GrantInputs["objectType"], string>> = {
  database: `SELECT datname AS name, NULL::text AS signature, datdba AS owner, coalesce(datacl, acldefault('d', datdba)) AS acl
    FROM pg_database WHERE datname = $3`,
  schema: `SELECT nspname AS name, NULL::text AS signature, nspowner AS owner, coalesce(nspacl, acldefault('n', nspowner)) AS acl
    FROM pg_namespace WHERE nspname = $3`,
  table: relation("'r', 'p', 'v', 'm', 'f'", "r"),
  sequence: relation("'S'", "s"),
  function: routine("'f', 'a', 'w'"),
  procedure: routine("'p'"),
  routine: routine("'f', 'a', 'w', 'p'"),
};

/**
 * Objects that were named; a function may be named with its argument types, in any spelling that PostgreSQL reads. Not by
 * `to_regprocedure`: it takes a right on the schema that the administrator need not have.
 */
const named = `cardinality($4::text[]) = 0 OR name = ANY ($4) OR signature = ANY (
  SELECT split_part(one, '(', 1) || '(' || coalesce(types, '') || ')' FROM unnest($4) AS one, LATERAL (
    SELECT string_agg(format_type(to_regtype(btrim(type)), NULL), ', ' ORDER BY position) AS types
    FROM unnest(string_to_array(rtrim(split_part(one, '(', 2), ')'), ',')) WITH ORDINALITY AS list (type, position)
  ) AS arguments WHERE one LIKE '%(%')`;

/** What the role holds now on each object that a grant is about. */
export function readHeld(session: Session, grant: GrantInputs): Promise<Held[]> {
  const place = grant.objectType === "database" ? grant.database : (grant.schema ?? "");
  return session.rows<Held>(
    `SELECT name::text, pg_get_userbyid(owner)::text AS owner,
       ARRAY(SELECT DISTINCT privilege_type FROM aclexplode(acl) WHERE grantee = reader.oid) AS privileges,
       coalesce((SELECT CASE WHEN $5 THEN bool_and(is_grantable) ELSE bool_or(is_grantable) END
         FROM aclexplode(acl) WHERE grantee = reader.oid), false) AS grantable
     FROM (${sources[grant.objectType]}) AS objects,
       (SELECT oid FROM pg_roles WHERE rolname = $1 AND NOT $2
        UNION ALL SELECT 0::oid WHERE $2) AS reader
     WHERE ${named} ORDER BY name`,
    [grant.role, grant.role === PUBLIC, place, grant.objects ?? [], grant.withGrantOption],
  );
}

/** True where the role and the schema of a grant are there. */
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
