import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import type { TestStack } from "./stack";

/** What a client has seen. */
export interface Seen {
  /** Keys whose INSERT was acknowledged. */
  readonly acknowledged: readonly number[];
  /** Messages of what failed, connecting included. */
  readonly errors: readonly string[];
  /** Milliseconds of the longest wait for an answer. */
  readonly longestWait: number;
}

export interface Traffic {
  stop(): Promise<Seen>;
}

/** Milliseconds between two statements. */
const pause = 20;

class Writer {
  readonly acknowledged: number[] = [];
  readonly errors: string[] = [];
  longestWait = 0;
  stopped = false;
  private key = 0;
  private client: Client | undefined;

  constructor(
    private readonly config: ClientConfig,
    private readonly table: string,
  ) {}

  async run(): Promise<void> {
    while (!this.stopped) {
      const started = Date.now();
      await this.write().catch(async (error: unknown) => {
        this.errors.push((error as Error).message);
        await this.leave();
      });
      this.longestWait = Math.max(this.longestWait, Date.now() - started);
      // A client that lives forever would not notice that nobody can log in.
      if (this.key % 25 === 0) await this.leave();
      await sleep(pause);
    }
    await this.leave();
  }

  private async write(): Promise<void> {
    this.client ??= await this.connect();
    const key = ++this.key;
    await this.client.query(`INSERT INTO ${this.table} VALUES ($1)`, [key]);
    this.acknowledged.push(key);
  }

  private async connect(): Promise<Client> {
    const client = new Client(this.config);
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  private async leave(): Promise<void> {
    await this.client?.end().catch(() => undefined);
    this.client = undefined;
  }
}

/** Inserts 1, 2, 3 … into a table of one bigint column, through the pooler, until stopped; logs in again every 25 rows. */
export async function startTraffic(stack: TestStack, application: string, table: string): Promise<Traffic> {
  const writer = new Writer(await stack.client(application), table);
  const done = writer.run();
  return {
    stop: async () => {
      writer.stopped = true;
      await done;
      const { acknowledged, errors, longestWait } = writer;
      return { acknowledged, errors, longestWait };
    },
  };
}
