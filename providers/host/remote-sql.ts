import { readFile } from "node:fs/promises";
import { checkServerIdentity } from "node:tls";
import { type Client, DatabaseError } from "pg";
import { sessionClient } from "../../lib/sql/session";
import { waitFor } from "../../lib/retry";

/** A server that is reached over TLS, as a login that is not a superuser. */
export interface RemoteServer {
  readonly host: string;
  readonly port: number;
  /** Both check the chain; `verify-full` the name, too. */
  readonly sslmode: "verify-full" | "verify-ca";
  /** PEM file of the authorities that may sign the server's certificate. */
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** One statement with parameters, or statements without. */
export interface Step {
  readonly sql: string;
  readonly values?: readonly string[] | undefined;
}

/** The server could not be queried: not reached, not trusted, or the login was rejected. Says nothing about its content. */
export class Unreachable extends Error {
  /** @param code SQLSTATE, or the system's name of a network error */
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

const timeout = 15_000;
const attempt = 10_000;

/** Errors of a server that starts, fails over or is full, and of a network that comes back. */
const passing = new Set([
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EAI_AGAIN",
]);

/** What the server or the system says, without any part of a statement. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

const messageOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);

const where = ({ host, port, database }: RemoteServer): string => `database ${database} at ${host}:${port}`;

/** Without detail, hint and context: those quote rows and statements. */
function described(error: unknown, { password }: RemoteServer): string {
  const code = codeOf(error);
  // If a name has several addresses, Node's error has a code and an empty message.
  const text = [messageOf(error), code === undefined ? "" : `(${code})`].filter((part) => part !== "").join(" ");
  return password === "" ? text : text.replaceAll(password, "[secret]");
}

function clientOf(server: RemoteServer, ca: string): Client {
  const { host, port, database, username, password, sslmode } = server;
  return sessionClient({
    host,
    port,
    database,
    user: username,
    password,
    connectionTimeoutMillis: attempt,
    keepAlive: true,
    ssl: {
      ca,
      rejectUnauthorized: true,
      // Node itself would compare with "localhost" if the host is an address.
      checkServerIdentity: (_name, certificate) =>
        sslmode === "verify-full" ? checkServerIdentity(host, certificate) : undefined,
    },
  });
}

async function connected(server: RemoteServer, signal: AbortSignal): Promise<Client> {
  const ca = await readFile(server.caFile, "utf8");
  let last: unknown;
  const client = await waitFor(
    async () => {
      const candidate = clientOf(server, ca);
      try {
        await candidate.connect();
        return candidate;
      } catch (error) {
        last = error;
        await candidate.end().catch(() => undefined);
        if (passing.has(codeOf(error) ?? "")) return undefined;
        throw error;
      }
    },
    { timeout: timeout, interval: 500, signal },
  );
  if (client === undefined) throw last;
  return client;
}

const advice =
  "\nhint: the program itself must be able to reach the server: run it inside the network, or through a tunnel with its host and port in howdah:aws.administration";

async function connection(server: RemoteServer, signal: AbortSignal): Promise<Client> {
  try {
    return await connected(server, signal);
  } catch (error) {
    signal.throwIfAborted();
    // If the server itself has answered, it was reachable.
    const hint = error instanceof DatabaseError ? "" : advice;
    throw new Unreachable(`${where(server)} cannot be queried: ${described(error, server)}${hint}`, codeOf(error));
  }
}

/**
 * Runs the steps in one transaction, all or nothing. An error names the server and the reason, and quotes no statement, parameter
 * or password; it keeps the server's SQLSTATE as `code`.
 *
 * @returns the first column of the last statement's first row, as text; empty if there is none
 * @throws Unreachable
 */
export async function runSteps(server: RemoteServer, steps: readonly Step[], signal: AbortSignal): Promise<string> {
  const client = await connection(server, signal);
  const cut = () => void client.end().catch(() => undefined);
  signal.addEventListener("abort", cut, { once: true });
  try {
    await client.query("BEGIN");
    let answer: unknown;
    for (const { sql, values } of steps) answer = await client.query(sql, values && [...values]);
    await client.query("COMMIT");
    return firstText(answer);
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof DatabaseError ? error.code : undefined;
    throw Object.assign(new Error(`${where(server)}: ${described(error, server)}`), code === undefined ? {} : { code });
  } finally {
    signal.removeEventListener("abort", cut);
    await client.end().catch(() => undefined);
  }
}

/** Of several statements pg returns an array of results. */
function firstText(answer: unknown): string {
  const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer;
  const [row] = (last as { rows: Record<string, unknown>[] } | undefined)?.rows ?? [];
  const [value] = Object.values(row ?? {});
  return typeof value === "string" ? value : "";
}
