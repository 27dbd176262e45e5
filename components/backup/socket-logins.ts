import { identifier } from "../../lib/sql/quote";
import { knownNewer, pinSettings } from "../postgres/access/logins/login-settings";
import { backupGroup, jobLogins, roleOf } from "../postgres/access/matrix";
import { textFile } from "../../lib/text/text-file";
import { fillSql } from "../../lib/sql/fill";

/**
 * Logins of our own work on databases whose owners are not to be trusted with a superuser's session. They come over the Unix socket
 * alone, as the service user, and have no password. A superuser's session after `SET ROLE` is no such login: what it runs can
 * set the role back.
 */
export const socketLogins = {
  /** Reads every row, also one that a policy hides, and writes nothing: samples of drills, and dumps. */
  reader: "howdah_reader",
  /** Vacuums and rebuilds as a member of the owners' groups, as PostgreSQL before 17 lets only owners do so. */
  maintenance: jobLogins.maintenance,
  /** Runs the code of a dump, only in the database that it is restored into. */
  restore: "howdah_restore",
} as const;

/** Where a dump is restored until it is whole; there is one at a time. */
export const scratchDatabase = "howdah_restore";

/** Connections of each: two jobs at a time, with two sessions each. */
const connections = 4;

const powerless = `LOGIN NOSUPERUSER INHERIT NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT ${connections} PASSWORD NULL`;

const ensure = (login: string, attributes: string): string =>
  fillSql(textFile(__dirname, "socket-login.sql"), {
    values: { login },
    parts: { login, powerless, attributes, pinned: pinSettings(login, { search_path: "pg_catalog" }) },
  });

/**
 * SQL of a superuser, in any database, that may run again at any time: the login that reads. `lo_compat_privileges` has it read
 * large objects, which `pg_read_all_data` leaves out.
 */
export const readerScript = `${ensure(socketLogins.reader, "BYPASSRLS")}
ALTER ROLE ${socketLogins.reader} SET lo_compat_privileges = on;
GRANT pg_read_all_data TO ${socketLogins.reader};
`;

/** As `readerScript`: the login that restores dumps. Policies of a dump must not hide rows from the views that it fills. */
export const restorerScript = ensure(socketLogins.restore, "BYPASSRLS");

/**
 * SQL of a superuser that makes all of them, with what they need of a cluster.
 * @param databases of the config; they and their owners' groups exist
 */
export function socketLoginsScript(databases: readonly string[]): string {
  const { reader, maintenance } = socketLogins;
  const owners = databases.map((database) => identifier(roleOf("owner", database)));
  return `${readerScript}${restorerScript}${ensure(maintenance, "NOBYPASSRLS")}
GRANT CONNECT ON DATABASE postgres TO ${reader}, ${maintenance};
GRANT ${backupGroup} TO ${reader};
${owners.length === 0 ? "" : `GRANT ${owners.join(", ")} TO ${maintenance};`}
`;
}

/** One text that changes if what `socketLoginsScript` has made is altered. */
export const socketLoginsProbe = fillSql(textFile(__dirname, "socket-logins-probe.sql"), {
  values: { logins: Object.values(socketLogins) },
  parts: { newer: knownNewer },
});
