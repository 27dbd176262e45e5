import type { RealServer } from "../../clouds/cloud-stack";
import { startTlsPostgres, tlsFolder } from "./tls-postgres";

/** A throwaway PostgreSQL that looks like one of RDS to whoever logs in. */
export interface RdsLike extends RealServer {
  /** Gives the master user another password, as RDS does every week if it keeps it. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

/** Roles that RDS has of its own. */
const ownRoles = ["rds_superuser", "rds_iam", "rds_replication"];

/** Starts one: its master user is not a superuser. @param master name of the master user */
export async function startRdsLike(master: string): Promise<RdsLike> {
  const folder = await tlsFolder();
  const postgres = await startTlsPostgres(folder);
  let password = "of-the-master-user";
  for (const role of ownRoles) await postgres.sql("postgres", `CREATE ROLE ${role}`);
  await postgres.sql("postgres", `CREATE ROLE ${master} LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`);
  return {
    port: postgres.port,
    get password() {
      return password;
    },
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
