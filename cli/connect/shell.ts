import { shellWord } from "../../lib/text/fill";
import { addressOf, type Target } from "./target";

/** A line for psql; the password stays in the service file. */
export const psqlLines = ({ serviceFile, service }: Target): string =>
  `PGSERVICEFILE=${shellWord(serviceFile)} psql service=${shellWord(service)}`;

/** libpq's variables, and the URL; the only lines with the password. */
export function envLines(target: Target): string {
  const { host, port, database, user, password, ca } = addressOf(target);
  const variables = {
    PGHOST: host,
    PGPORT: port,
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: password,
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: ca,
    PGAPPNAME: target.settings.applicationName,
    PGCONNECT_TIMEOUT: String(target.settings.connectTimeout),
    DATABASE_URL: target.url,
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${shellWord(value)}`)
    .join("\n");
}
