import { catalogue } from "../../../../components/postgres/extensions/catalogue";
import { literal } from "../../../../lib/sql/quote";
import type { RealServer } from "../../clouds/cloud-stack";
import { trustingPostgres } from "./trusted-extensions";
import { startTlsPostgres, tlsFolder } from "./tls-postgres";

/** A throwaway PostgreSQL that looks like one of RDS to whoever logs in. */
export interface RdsLike extends RealServer {
  /** Rows of the last statement, as the service's own superuser. */
  sql(database: string, text: string): Promise<Record<string, unknown>[]>;
  /** Gives the master user another password, as RDS does every week if it keeps it. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

/** Roles that RDS has of its own. */
const ownRoles = ["rds_superuser", "rds_iam", "rds_replication"];

const onRds = Object.entries(catalogue).filter(([, { aws }]) => aws !== undefined);
const trusted = onRds.filter((one) => one[1].trusted).map(([name]) => name);
const restricted = onRds.filter((one) => !one[1].trusted).map(([name]) => name);

/**
 * Of an extension that PostgreSQL does not trust, the script runs as the service's superuser if a member of rds_superuser creates it,
 * and other roles may not (RDS User Guide, "Supported PostgreSQL extension versions").
 */
const guard = `SET allow_system_table_mods = on;
CREATE FUNCTION pg_catalog.rds_extensions() RETURNS event_trigger LANGUAGE plpgsql AS $body$
DECLARE
  made record;
BEGIN
  FOR made IN
    SELECT e.extname FROM pg_event_trigger_ddl_commands() c JOIN pg_extension e ON e.oid = c.objid
    WHERE c.command_tag = 'CREATE EXTENSION' AND e.extname <> ALL (ARRAY[${trusted.map(literal).join(", ")}])
  LOOP
    IF NOT pg_has_role('rds_superuser', 'MEMBER') THEN
      RAISE EXCEPTION 'permission denied to create extension "%"', made.extname USING ERRCODE = 'insufficient_privilege';
    END IF;
  END LOOP;
END $body$;
CREATE EVENT TRIGGER rds_extensions ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION pg_catalog.rds_extensions()`;

/** Starts one: its master user is not a superuser. @param master name of the master user */
export async function startRdsLike(master: string): Promise<RdsLike> {
  const folder = await tlsFolder();
  const program = await trustingPostgres(folder, restricted);
  // The list of RDS' default parameter groups.
  const postgres = await startTlsPostgres(folder, ["shared_preload_libraries=pg_stat_statements"], program);
  let password = "of-the-master-user";
  for (const role of ownRoles) await postgres.sql("postgres", `CREATE ROLE ${role}`);
  await postgres.sql("postgres", `CREATE ROLE ${master} LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`);
  await postgres.sql("postgres", `GRANT rds_superuser TO ${master}`);
  // Where each database comes from.
  await postgres.sql("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS true");
  for (const database of ["template0", "template1", "postgres"]) await postgres.sql(database, guard);
  await postgres.sql("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS false");
  return {
    port: postgres.port,
    get password() {
      return password;
    },
    sql: (database, text) => postgres.sql(database, text),
    rotate: async () => {
      const next = `${password}-rotated`;
      await postgres.sql("postgres", `ALTER ROLE ${master} PASSWORD '${next}'`);
      password = next;
    },
    caFile: folder.caFile,
    stop: async () => {
      await postgres.stop();
      await folder.remove();
    },
  };
}
