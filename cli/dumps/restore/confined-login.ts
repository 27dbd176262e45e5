import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { restorerScript } from "../../../components/backup/socket-logins";
import { scramVerifier } from "../../../components/postgres/access/logins/scram";
import { Failure } from "../../../lib/errors";
import type { RemoteServer } from "../../session/remote-login";
import { asLogin, type DatabaseServer, isRemote } from "../../session/sql";
import { confinedLogin } from "./confined";
import { scratchDatabase } from "./target";
import { literal } from "../../../lib/sql/quote";

async function isThere(client: Client): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [confinedLogin]);
  return rowCount === 1;
}

/** Over the network the login has a password, for the time of one restore. */
async function openRemote(server: RemoteServer, client: Client, folder: string): Promise<RemoteServer> {
  const password = randomBytes(24).toString("base64url");
  const verifier = scramVerifier(password, randomBytes(16).toString("base64"));
  if (!(await isThere(client))) await client.query(`CREATE ROLE ${confinedLogin}`);
  await client.query(
    `ALTER ROLE ${confinedLogin} LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT 4 PASSWORD ${literal(verifier)}`,
  );
  // An earlier dump's code may have set some: every login may change its own.
  await client.query(`ALTER ROLE ${confinedLogin} RESET ALL`);
  // Only a member gives a database to it, and takes back what it has made.
  await client.query(`GRANT ${confinedLogin} TO CURRENT_USER`);
  const passwordFile = join(folder, "restore-password");
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  return { ...server, user: confinedLogin, auth: { passwordFile }, database: scratchDatabase };
}

/**
 * Runs `work` with the server as the login that restores dumps. Alone in the cluster: there is one such login.
 * @param client of the server's own login
 * @param folder for a password, for the time of the run
 * @throws Failure if the program has not made the login yet
 */
export async function withConfinedLogin<T>(
  server: DatabaseServer,
  { client, folder }: { readonly client: Client; readonly folder: string },
  work: (server: DatabaseServer) => Promise<T>,
): Promise<T> {
  if (isRemote(server)) {
    try {
      return await work(await openRemote(server, client, folder));
    } finally {
      await client.query(`ALTER ROLE ${confinedLogin} NOLOGIN PASSWORD NULL`).catch(() => undefined);
    }
  }
  if (!(await isThere(client)))
    throw new Failure(
      `the cluster has no login ${confinedLogin}, which restores dumps: run \`make up\` to create it, and try again`,
    );
  // Every login may change its own settings and password, and the dump's code is this one.
  const asMade = (): Promise<unknown> => client.query(restorerScript);
  await asMade();
  try {
    return await work(asLogin(server, confinedLogin));
  } finally {
    await asMade().catch(() => undefined);
  }
}
