import { postgresqlPlugin } from "../../../providers/stand-ins/postgresql/plugin";
import type { Properties } from "../../../providers/runtime/resource";
import { startPostgres, type ThrowawayPostgres } from "../servers/postgres/throwaway-postgres";
import { PluginStage } from "./stage";

export { type Kept, listener, type Said } from "./stage";

export const ADMINISTRATOR = "admin_login";

/** Plays the engine's part, as an administrator without superuser. */
export class Stage extends PluginStage {
  constructor(readonly postgres: ThrowawayPostgres) {
    super(postgresqlPlugin());
  }

  async open(config: Properties = {}): Promise<this> {
    const { host, port } = this.postgres;
    const settings = { host, port: String(port), username: ADMINISTRATOR, sslmode: "disable", superuser: "false" };
    await this.plugin.configure?.({ ...settings, connectTimeout: "5", ...config });
    return this;
  }

  async close(): Promise<void> {
    await this.plugin.close?.();
  }
}

/** A server with the administrator that the stand-in works as: may create roles and databases, and is not a superuser. */
export async function startWithAdministrator(): Promise<ThrowawayPostgres> {
  const postgres = await startPostgres();
  await postgres.sql("postgres", `CREATE ROLE ${ADMINISTRATOR} LOGIN CREATEROLE CREATEDB`);
  return postgres;
}

/** Runs SQL as the administrator: from PostgreSQL 16 on, it may only administer roles that it has created. */
export const asAdministrator = (postgres: ThrowawayPostgres, sql: string): Promise<unknown> =>
  postgres.sql("postgres", `SET ROLE ${ADMINISTRATOR}; ${sql}`);

/** Roles that the administrator is a member of, with the rights of one. */
export const lentRoles = (postgres: ThrowawayPostgres): Promise<object[]> =>
  postgres.sql(
    "postgres",
    `SELECT roleid::regrole FROM pg_auth_members AS m WHERE member = '${ADMINISTRATOR}'::regrole
       AND coalesce((to_jsonb(m) ->> 'inherit_option')::bool OR (to_jsonb(m) ->> 'set_option')::bool, true)`,
  );
