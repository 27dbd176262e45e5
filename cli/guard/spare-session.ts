import { Client } from "pg";
import type { SocketServer } from "../session/sql";
import type { Holder } from "./holders";
import { hangUp, howdahSession } from "./question";

/** Takes no entry of the table itself: what it reads is in the session's caches once it has run, or locked by the fast path. */
const holdersQuery =
  "SELECT pid, pg_catalog.count(*)::int AS locks FROM pg_catalog.pg_lock_status() WHERE pid IS NOT NULL AND NOT fastpath GROUP BY pid";

/** Milliseconds for an answer. */
const queryTimeout = 3_000;

/**
 * A session of the superuser that stays open: with a full lock table a login fails for lack of an entry,
 * but an open session can still find out who holds them.
 */
export class SpareSession {
  private client: Client | undefined;

  constructor(private readonly server: SocketServer) {}

  /** Opens it if it is not open. Never rejects. */
  async keep(): Promise<void> {
    if (this.client !== undefined) return;
    const client = new Client({ ...howdahSession(this.server), query_timeout: queryTimeout });
    client.on("error", () => {
      this.forget(client);
    });
    client.on("end", () => {
      this.forget(client);
    });
    try {
      await client.connect();
      await client.query(holdersQuery);
      this.client = client;
    } catch {
      hangUp(client);
    }
  }

  /** Who holds entries of the table; undefined without an open session. */
  async holders(): Promise<Holder[] | undefined> {
    const { client } = this;
    if (client === undefined) return undefined;
    try {
      return (await client.query<Holder & Record<string, unknown>>(holdersQuery)).rows;
    } catch {
      this.close();
      return undefined;
    }
  }

  close(): void {
    const { client } = this;
    this.client = undefined;
    if (client !== undefined) hangUp(client);
  }

  private forget(client: Client): void {
    if (this.client === client) this.client = undefined;
  }
}
