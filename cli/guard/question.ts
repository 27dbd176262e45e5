import { Client, type ClientConfig } from "pg";
import { Late, within } from "../../lib/retry";
import { type SocketServer, sessionConfig } from "../session/sql";
import type { Answer } from "./judge";

/** The answer, and the server's error if it is not "good". */
export interface Reply {
  readonly answer: Answer;
  readonly reason: string;
}

/** Entries of the lock table that have to be free: what a login and a statement of an application may need. */
export const roomForLocks = 32;

/**
 * Takes locks for a moment, which no other session ever waits for: only howdah works in database `postgres`. A server
 * with a full table refuses every login, or its first statement.
 */
export const lockQuestion = `SELECT pg_catalog.count(pg_catalog.pg_try_advisory_xact_lock_shared(g)) FROM pg_catalog.generate_series(1::bigint, ${roomForLocks}) g`;

/** SQLSTATE 53200 is both: this one is PostgreSQL's for a full table, the other the operating system's. */
const isFull = (error: { code?: string; message: string }): boolean =>
  error.code === "53200" && !error.message.startsWith("out of memory");

/** Settings of a superuser's session that only we end. */
export const howdahSession = (server: SocketServer): ClientConfig => {
  const config = sessionConfig(server);
  return { ...config, options: `${config.options ?? ""} -c idle_session_timeout=0`, application_name: "howdah guard" };
};

/** Closes a session even if the server hangs: `end` alone would wait. */
export function hangUp(client: Client): void {
  client.connection.stream.destroy();
}

/**
 * Asks a server one question in a new session.
 * @param timeout seconds
 */
export async function ask(config: ClientConfig, question: string, timeout: number): Promise<Reply> {
  const client = new Client({ ...config, connectionTimeoutMillis: 0 });
  client.on("error", () => undefined);
  let silence = `no answer in ${timeout} s`;
  const work = async (): Promise<Reply> => {
    try {
      await client.connect();
      await client.query(question);
      return { answer: "good", reason: "" };
    } catch (error) {
      const failure = error as Error & { code?: string };
      // The queue of its socket is full: it takes no connection, or not fast enough. What it did meanwhile tells which.
      if (failure.code === "EAGAIN") {
        silence = "its queue of connections is full";
        return await new Promise<never>(() => undefined);
      }
      return { answer: isFull(failure) ? "full" : "refused", reason: failure.message };
    }
  };
  try {
    return await within(timeout * 1000, work());
  } catch (error) {
    if (!(error instanceof Late)) throw error;
    return { answer: "silent", reason: silence };
  } finally {
    hangUp(client);
  }
}
