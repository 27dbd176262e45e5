import { monitoringLogin } from "../../postgres/access/matrix";
import { ports } from "../kit/image";

const host = "127.0.0.1";
const database = "pgbouncer";

/**
 * How the exporter next to a PgBouncer reads its console. PgBouncer asks for TLS; its certificate bears no name of this address,
 * and nothing leaves the pod.
 */
export const consoleConnection = `host=${host} port=${ports.pooler} user=${monitoringLogin} dbname=${database} sslmode=require`;

const escaped = (field: string): string => field.replace(/[\\:]/g, "\\$&");

/** The line of a pgpass file that goes with `consoleConnection`. */
export const consoleLogin = (password: string): string =>
  `${[host, String(ports.pooler), database, monitoringLogin, password].map(escaped).join(":")}\n`;
