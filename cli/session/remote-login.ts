import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientConfig } from "pg";
import type { RemoteStackFile, RemoteLogin } from "../../contracts/stack-file";
import { Failure, messageOf } from "../../lib/errors";
import { withWorkFolder } from "./work-folder";

/** A server over the network, as the login of a job. */
export interface RemoteServer extends RemoteLogin {
  /** A database that the login may enter, for what is about none in particular. */
  readonly database: string;
  /** Folder for a password file, for the time of a run. */
  readonly work: string;
}

export const remoteServer = ({ server, databases, folders }: RemoteStackFile): RemoteServer => ({
  ...server,
  database: databases[0] ?? "postgres",
  work: folders.work,
});

/** Milliseconds; across zones, with TLS and a token that the server has checked. */
const connectionTimeoutMillis = 15_000;

/**
 * A token of RDS: good for 15 minutes, and only to log in, so each connection gets its own.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 */
async function tokenOf({ host, port, user }: RemoteLogin, region: string): Promise<string> {
  const { Signer } = await import("@aws-sdk/rds-signer");
  return new Signer({ hostname: host, port, username: user, region }).getAuthToken().catch((error: unknown) => {
    throw new Failure(`no token for ${user}: ${messageOf(error)}`);
  });
}

/** What the login proves itself with, now. @throws Failure without the secret in it */
export async function passwordOf(login: RemoteLogin): Promise<string> {
  if ("iam" in login.auth) return tokenOf(login, login.auth.iam.region);
  const text = await readFile(login.auth.passwordFile, "utf8").catch((error: unknown) => {
    throw new Failure(`the password file of ${login.user} cannot be read: ${messageOf(error)}`);
  });
  return text.replace(/\r?\n$/, "");
}

function authorities({ ca }: RemoteLogin): string {
  try {
    return readFileSync(ca, "utf8");
  } catch (error) {
    throw new Failure(`the CA certificates of the server cannot be read: ${messageOf(error)}`);
  }
}

/** Settings of `pg`: TLS with the server's name checked. */
export const remoteConfig = (login: RemoteLogin): ClientConfig => ({
  host: login.host,
  port: login.port,
  user: login.user,
  password: () => passwordOf(login),
  ssl: { ca: authorities(login), rejectUnauthorized: true },
  connectionTimeoutMillis,
  keepAlive: true,
});

/** A line of libpq's password file for any server. https://www.postgresql.org/docs/15/libpq-pgpass.html */
export const passwordLine = (user: string, password: string): string =>
  `${["*", "*", "*", user, password].map((field, at) => (at < 3 ? field : field.replaceAll(/[\\:]/g, "\\$&"))).join(":")}\n`;

/**
 * Runs `work` with the environment in which PostgreSQL's own programs reach the server. The password is in a file of mode 0600 that
 * goes with `work`: an environment can be read for as long as the program runs, and by every program that it starts.
 */
export function withRemoteLogin<T>(
  server: RemoteServer,
  work: (environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  return withWorkFolder({ folders: { work: server.work } }, "login", async (folder) => {
    const file = join(folder, "password");
    await writeFile(file, passwordLine(server.user, await passwordOf(server)), { mode: 0o600 });
    return work({
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGUSER: server.user,
      PGPASSFILE: file,
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: server.ca,
      PGCONNECT_TIMEOUT: String(connectionTimeoutMillis / 1000),
    });
  });
}
