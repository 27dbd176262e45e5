import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import type { TestStack } from "./stack";

/** What clients saw that ran one transaction after the other. */
export interface LoadReport {
  readonly committed: number;
  /** Messages of failed transactions and connections. */
  readonly failed: readonly string[];
  /** Longest transaction in seconds, waiting for the pooler included. */
  readonly longest: number;
}

/** Statements of one transaction. */
type Statements = readonly string[];

const writing: Statements = [
  "BEGIN",
  "INSERT INTO load VALUES (1)",
  "SELECT count(*) FROM load WHERE amount < 0",
  "INSERT INTO load VALUES (2)",
  "COMMIT",
];
const reading: Statements = ["BEGIN", "SELECT count(*) FROM load", "SELECT pg_sleep(0.02)", "SELECT 1", "COMMIT"];

/** Milliseconds after which a statement without an answer is given up with its connection. */
const patience = 60_000;

/** pgbench-like clients on both routes of the pooler. */
export class TransactionLoad {
  private static readonly running = new Set<TransactionLoad>();
  private committed = 0;
  private readonly failed: string[] = [];
  private longest = 0;
  private ended = false;
  private clients: Promise<void>[] = [];

  /** Clients that are connected and have begun: `each` that write, and `each` that read on the read-only route. */
  static async start(stack: TestStack, each = 4): Promise<TransactionLoad> {
    await stack.query("app_migrator", "CREATE TABLE IF NOT EXISTS load (amount int)");
    const load = new TransactionLoad();
    TransactionLoad.running.add(load);
    const routes = [
      { settings: await stack.client("app"), statements: writing },
      { settings: await stack.client("reports", "readOnly"), statements: reading },
    ];
    load.clients = routes.flatMap(({ settings, statements }) =>
      Array.from({ length: each }, () => load.work(settings, statements)),
    );
    while (load.committed < 4 * each && load.failed.length === 0) {
      // By `stopAll`: the test is over, and must not go on during the next one.
      if (load.ended) throw new Error("the load was ended before its clients had begun");
      await sleep(20);
    }
    return load;
  }

  /** Ends every load that a failed test has left. */
  static async stopAll(): Promise<void> {
    const left = [...TransactionLoad.running];
    // Before the wait: one that never ends would hold up every test after this one.
    TransactionLoad.running.clear();
    await Promise.all(left.map((load) => load.stop()));
  }

  async stop(): Promise<LoadReport> {
    this.ended = true;
    await Promise.all(this.clients);
    TransactionLoad.running.delete(this);
    const { committed, failed, longest } = this;
    return { committed, failed, longest: longest / 1000 };
  }

  private async work(settings: ClientConfig, statements: Statements): Promise<void> {
    while (!this.ended) {
      const client = new Client({ ...settings, query_timeout: patience });
      client.on("error", () => undefined);
      try {
        await client.connect();
        while (!this.ended) await this.transaction(client, statements);
      } catch (error) {
        this.failed.push((error as Error).message);
        await sleep(200);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private async transaction(client: Client, statements: Statements): Promise<void> {
    const began = performance.now();
    for (const statement of statements) await client.query(statement);
    this.longest = Math.max(this.longest, performance.now() - began);
    this.committed += 1;
    await sleep(10);
  }
}
