import { Pool, type PoolClient, type QueryResultRow } from "pg";
import { retry } from "../../../../lib/retry";
import type { Context } from "../../../runtime/resource";
import { codeOf, isPassing, isShutOut, NO_DATABASE, readable } from "./errors";
import { repeating } from "./retry";
import { type Settings, tlsOptions } from "./settings";

/** What is being done, for whom and where. */
export interface Task {
  readonly context: Context;
  /** First words of an error, for example `create role "app"`. */
  readonly doing: string;
  /** Default: the provider's own database. */
  readonly database?: string | undefined;
}

/** Runs SQL on one connection. */
export class Session {
  constructor(private readonly client: PoolClient) {}

  async rows<T extends QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.client.query<T>(text, values)).rows;
  }

  /** The only row, or undefined. */
  async row<T extends QueryResultRow>(text: string, values: unknown[] = []): Promise<T | undefined> {
    return (await this.rows<T>(text, values))[0];
  }

  async run(text: string): Promise<void> {
    await this.client.query(text);
  }
}

const ATTEMPT_MILLISECONDS = 10_000;
const CONFLICTS = 12;
// The work of one database is serialized by its locks anyway.
const POOL_SIZE = 4;
// An idle connection is closed soon: it would stand in the way of DROP DATABASE and of a template's use.
const IDLE_MILLISECONDS = 500;

/** Connections to one server: a small pool per database, and work that outlives a failover. */
export class Connections {
  private readonly pools = new Map<string, Pool>();
  private readonly secrets: Set<string>;

  constructor(readonly settings: Settings) {
    this.secrets = new Set(settings.password === undefined ? [] : [settings.password]);
  }

  /** Name of the role that is connected. */
  get administrator(): string {
    return this.settings.databaseUsername ?? this.settings.username;
  }

  /** Keeps a text out of every error message from now on. */
  hide(secret: string | undefined): void {
    if (secret !== undefined) this.secrets.add(secret);
  }

  /** Work in one transaction; repeated as a whole when the server goes away or another session was faster. */
  transaction<T>(task: Task, work: (session: Session) => Promise<T>): Promise<T> {
    return this.session(task, async (session) => {
      // The administrator's own limits and search path must not change what is done here.
      await session.run("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL search_path = pg_catalog");
      try {
        const result = await work(session);
        await session.run("COMMIT");
        return result;
      } catch (error) {
        if (!isPassing(error)) await session.run("ROLLBACK");
        throw error;
      }
    });
  }

  /** Work outside a transaction (CREATE DATABASE); `work` has to find out what an earlier try has done. */
  async session<T>(task: Task, work: (session: Session) => Promise<T>): Promise<T> {
    const { signal } = task.context;
    const seconds = this.settings.connectTimeout;
    const away = seconds === 0 ? Infinity : seconds * 1000;
    const onRetry = (error: unknown) => {
      task.context.progress(`${task.doing}: trying again after ${codeOf(error) ?? "a lost connection"}`);
    };
    try {
      return await retry(repeating({ away, conflicts: CONFLICTS, signal, onRetry }), () => this.once(task, work));
    } catch (error) {
      const text = readable(task.doing, error, this.secrets);
      if (isShutOut(error)) text.message += `\nhint: ${this.letMeIn(task)}`;
      throw text;
    }
  }

  /** As `transaction`, with undefined if the database itself is gone. */
  async inDatabase<T>(task: Task, work: (session: Session) => Promise<T>): Promise<T | undefined> {
    const { database } = task;
    const found = await this.transaction({ ...task, database: undefined }, (session) =>
      session.rows("SELECT FROM pg_database WHERE datname = $1", [database ?? this.settings.database]),
    );
    return found.length === 0 ? undefined : this.transaction(task, work);
  }

  /** Closes the idle connections to a database, or to all. */
  async close(database?: string): Promise<void> {
    const names = database === undefined ? [...this.pools.keys()] : [database];
    const closing = names.flatMap((name) => this.pools.get(name) ?? []).map((pool) => pool.end());
    for (const name of names) this.pools.delete(name);
    await Promise.all(closing);
  }

  private letMeIn({ database = this.settings.database }: Task): string {
    return `grant ${this.administrator} CONNECT on ${database} before PUBLIC loses it, or make it a member of the owner`;
  }

  private async once<T>(task: Task, work: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.pool(task.database ?? this.settings.database).connect();
    let broken = false;
    try {
      return await work(new Session(client));
    } catch (error) {
      broken = isPassing(error) || codeOf(error) === NO_DATABASE;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  private pool(database: string): Pool {
    const known = this.pools.get(database);
    if (known !== undefined) return known;
    const { host, port, username, password, maxConnections } = this.settings;
    const pool = new Pool({
      host,
      port,
      user: username,
      ...(password === undefined ? {} : { password }),
      database,
      ssl: tlsOptions(this.settings),
      max: maxConnections > 0 ? Math.min(maxConnections, POOL_SIZE) : POOL_SIZE,
      idleTimeoutMillis: IDLE_MILLISECONDS,
      connectionTimeoutMillis: ATTEMPT_MILLISECONDS,
      application_name: "howdah",
      allowExitOnIdle: true,
    });
    // An idle connection that the server closes is not an error of anybody's; without a listener it would end the process.
    pool.on("error", () => undefined);
    this.pools.set(database, pool);
    return pool;
  }
}
