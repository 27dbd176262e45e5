import { type DatabaseServer, inSession } from "../../session/sql";
import { howdahSchemas } from "./dump";
import { type DefaultPrivilege, defaultPrivilegesJson } from "./default-privileges";
import type { Extension } from "../store/manifest";

/** What a restored database must show, or needs, and what its dump does not say by itself. */
export interface Contents {
  /** Tables in the database, without those of extensions. */
  readonly tables: number;
  /** Roles that policies and user mappings name; an archive makes none. */
  readonly roles: readonly string[];
  /** In the order in which they were made, as one may need another. */
  readonly extensions: readonly Extension[];
  /** A login without rights cannot give them back from the archive: they are other roles'. */
  readonly defaultPrivileges: readonly DefaultPrivilege[];
  /** What only a superuser reads, so that no dump has it: kinds of objects. */
  readonly hidden: readonly string[];
}

const statement = `SELECT (
    SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
      AND n.nspname <> ALL (ARRAY['information_schema', $1])
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ) AS tables, ARRAY(
    SELECT pg_get_userbyid(role) FROM pg_policy, unnest(polroles) role WHERE role <> 0
    UNION SELECT usename FROM pg_user_mappings WHERE umuser <> 0 ORDER BY 1
  )::text[] AS roles, (
    SELECT coalesce(json_agg(json_build_object('name', extname, 'schema', nspname) ORDER BY e.oid), '[]')
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname <> 'plpgsql'
  ) AS extensions, ${defaultPrivilegesJson} AS "defaultPrivileges", array_remove(ARRAY[
    CASE WHEN EXISTS (SELECT FROM pg_user_mappings) THEN 'the options of user mappings' END,
    CASE WHEN EXISTS (SELECT oid FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
      THEN 'subscriptions' END
  ], NULL)::text[] AS hidden`;

/** Looks into one database. */
export const contentsOf = (server: DatabaseServer, database: string): Promise<Contents> =>
  inSession(
    server,
    async (client) => {
      const { rows } = await client.query<Contents>(statement, [howdahSchemas[0]]);
      const [row] = rows;
      if (row === undefined) throw new Error("no answer");
      return row;
    },
    database,
  );
