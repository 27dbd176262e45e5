import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import type { TestStack } from "./stack";

/** What a writer saw. */
export interface WriterReport {
  readonly acknowledged: number;
  /** Failed attempts: statements whose outcome is unknown, and connections that did not come about. */
  readonly errors: readonly string[];
  /** Longest time between two acknowledged commits, in seconds. */
  readonly longestGap: number;
  /** Acknowledged rows that are not there any more. */
  readonly lost: readonly number[];
}

/** Milliseconds after which a statement without an answer is given up with its connection. */
const patience = 60_000;
/** Milliseconds between two attempts to connect. */
const retryPause = 100;

/**
 * Commits one row after the other through the pooler and remembers every acknowledged one. A row whose outcome is unknown
 * is not tried again: its number is skipped, so that "acknowledged" and "there" can be compared.
 */
export class Writer {
  private static readonly running = new Set<Writer>();
  private readonly acknowledged: number[] = [];
  private readonly errors: string[] = [];
  private longestGap = 0;
  private last = 0;
  private next = 0;
  private ended = false;
  private loop: Promise<void> = Promise.resolve();

  private constructor(
    private readonly settings: ClientConfig,
    /** Marks its rows. */
    readonly run: string,
  ) {}

  /** A writer that has committed its first row. One at a time and stack: rows of an earlier one are left out by `run`. */
  static async start(stack: TestStack, application = "app"): Promise<Writer> {
    await stack.query("app_migrator", "CREATE TABLE IF NOT EXISTS acknowledged (run text, row int)");
    const settings = { ...(await stack.client(application)), query_timeout: patience };
    const writer = new Writer(settings, `${process.pid}-${Date.now()}`);
    Writer.running.add(writer);
    writer.loop = writer.write();
    try {
      await writer.progress(1, 30);
    } catch (error) {
      await writer.end();
      throw error;
    }
    return writer;
  }

  /** Ends every writer that a failed test has left. */
  static async stopAll(): Promise<void> {
    const left = [...Writer.running];
    // Before the wait: one that never ends would hold up every test after this one.
    Writer.running.clear();
    for (const writer of left) writer.ended = true;
    await Promise.all(left.map((writer) => writer.loop));
  }

  /** Commits so far. */
  get count(): number {
    return this.acknowledged.length;
  }

  /** Waits until `rows` more rows are acknowledged; throws after `seconds`. */
  async progress(rows: number, seconds: number): Promise<void> {
    const goal = this.count + rows;
    const end = Date.now() + seconds * 1000;
    while (this.count < goal) {
      if (Date.now() > end) throw new Error(`no ${rows} commits in ${seconds} s; ${this.errors.slice(-3).join("; ")}`);
      await sleep(20);
    }
  }

  /** Ends the writing and compares. */
  async stop(): Promise<WriterReport> {
    await this.end();
    const { acknowledged, errors, longestGap } = this;
    const there = new Set(await this.rows());
    const lost = acknowledged.filter((row) => !there.has(row));
    return { acknowledged: acknowledged.length, errors, longestGap: longestGap / 1000, lost };
  }

  private async end(): Promise<void> {
    this.ended = true;
    await this.loop;
    Writer.running.delete(this);
  }

  /** Never rejects: at that moment nobody may be waiting for it. */
  private async write(): Promise<void> {
    this.last = performance.now();
    while (!this.ended) {
      try {
        await this.session();
      } catch (error) {
        this.errors.push((error as Error).message);
        await sleep(retryPause);
      }
    }
  }

  /** Commits until the end, or until the connection breaks. */
  private async session(): Promise<void> {
    const client = new Client(this.settings);
    client.on("error", () => undefined);
    try {
      await client.connect();
      while (!this.ended) await this.commit(client);
    } finally {
      void client.end().catch(() => undefined);
    }
  }

  private async commit(client: Client): Promise<void> {
    const row = this.next++;
    await client.query("INSERT INTO acknowledged VALUES ($1, $2)", [this.run, row]);
    const now = performance.now();
    this.longestGap = Math.max(this.longestGap, now - this.last);
    this.last = now;
    this.acknowledged.push(row);
    // A thousand commits tell no more than a hundred, and the machine has other tests to run.
    await sleep(5);
  }

  private async rows(): Promise<number[]> {
    const client = new Client(this.settings);
    await client.connect();
    try {
      const { rows } = await client.query<{ row: number }>("SELECT row FROM acknowledged WHERE run = $1", [this.run]);
      return rows.map(({ row }) => row);
    } finally {
      await client.end();
    }
  }
}
