import type { Client } from "pg";
import { z } from "zod";
import { identifier, receiver } from "../../../lib/sql/quote";

/** Letters of `pg_default_acl.defaclobjtype`. https://www.postgresql.org/docs/15/catalog-pg-default-acl.html */
const kinds = { r: "TABLES", S: "SEQUENCES", f: "FUNCTIONS", T: "TYPES", n: "SCHEMAS" } as const;
type Letter = keyof typeof kinds;

const privileges = [
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "TRUNCATE",
  "REFERENCES",
  "TRIGGER",
  "MAINTAIN",
  "USAGE",
  "EXECUTE",
  "CREATE",
] as const;

/** One privilege that what a role makes will have. */
export const defaultPrivilegeSchema = z.object({
  /** Role that makes it. */
  role: z.string(),
  /** Null: in all schemas, instead of what PostgreSQL gives by itself. */
  schema: z.string().nullable(),
  kind: z.enum(Object.keys(kinds) as [Letter, ...Letter[]]),
  /** `public` for everybody, as no role can be called. */
  grantee: z.string(),
  privilege: z.enum(privileges),
  grantable: z.boolean(),
});

export type DefaultPrivilege = z.output<typeof defaultPrivilegeSchema>;

/** SQL expression: the default privileges of a database as JSON. */
export const defaultPrivilegesJson = `(
    SELECT coalesce(json_agg(json_build_object('role', pg_get_userbyid(d.defaclrole), 'schema', n.nspname, 'kind', d.defaclobjtype,
      'grantee', CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END, 'privilege', a.privilege_type,
      'grantable', a.is_grantable) ORDER BY d.oid, a.grantee, a.privilege_type), '[]')
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a)`;

/**
 * Gives back the default privileges of the role that owns a restored database; those of other roles are left out.
 * @param client of the superuser or the administrator, in that database
 * @returns roles that were left out, as another role's or as one that is not there
 */
export async function giveDefaultPrivileges(
  client: Client,
  owner: string,
  all: readonly DefaultPrivilege[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>("SELECT rolname AS name FROM pg_roles");
  const roles = new Set(["public", ...rows.map((row) => row.name)]);
  const usable = all.filter(({ role, grantee }) => role === owner && roles.has(grantee));
  const forOwner = `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)}`;
  for (const kind of new Set(usable.filter(({ schema }) => schema === null).map((one) => one.kind)))
    await client.query(`${forOwner} REVOKE ALL ON ${kinds[kind]} FROM PUBLIC`);
  for (const { schema, kind, grantee, privilege, grantable } of usable.filter((one) => one.grantee !== owner)) {
    const place = schema === null ? "" : `IN SCHEMA ${identifier(schema)}`;
    const further = grantable && grantee !== "public" ? " WITH GRANT OPTION" : "";
    await client.query(`${forOwner} ${place} GRANT ${privilege} ON ${kinds[kind]} TO ${receiver(grantee)}${further}`);
  }
  const left = all.filter((one) => !usable.includes(one));
  return [...new Set(left.map(({ role, grantee }) => (role === owner ? grantee : role)))].sort();
}
