import { EventEmitter } from "node:events";
import type { Client } from "pg";
import { perform, type Sessions } from "../../../../cli/maintenance/perform";
import type { Task } from "../../../../cli/maintenance/task";
import { listening } from "../../../support/servers/backups/logical";

const task: Task = { kind: "vacuum", name: "app.busy", statement: "VACUUM app.busy", reason: "dead rows" };
const hour = 3_600_000;

const isCancel = (sql: string): boolean => sql.includes("pg_cancel_backend");

/** Sessions of a server that works at the task until it is cancelled, and forgets the first cancellations. */
class Server {
  readonly sent: string[] = [];
  private cancel: (error: Error) => void = () => undefined;

  /** @param told of each statement, before it is answered */
  constructor(
    private readonly told: (sql: string) => void,
    private forgotten: number,
  ) {}

  get sessions(): Sessions {
    const session = (): Client =>
      Object.assign(new EventEmitter(), { query: (sql: string) => this.answer(sql) }) as unknown as Client;
    return { worker: session(), keeper: session() };
  }

  private answer(sql: string): Promise<{ rows: object[] }> {
    this.sent.push(sql);
    this.told(sql);
    if (sql === task.statement)
      return new Promise((_resolve, reject) => {
        this.cancel = reject;
      });
    if (isCancel(sql) && this.forgotten-- <= 0) this.cancel(Object.assign(new Error("cancelled"), { code: "57014" }));
    return Promise.resolve({ rows: [{ pid: 7, phase: "scanning heap", share: "1 %" }] });
  }
}

/** Performs the task, and gives what was sent. @param words of the statement, or of the progress, with which the interrupt comes */
async function interruptedAt(words: string, forgotten = 0): Promise<string[]> {
  const interrupt = new AbortController();
  const hear = (text: string): void => {
    if (text.includes(words)) interrupt.abort(new Error("Ctrl-C"));
  };
  const server = new Server(hear, forgotten);
  const how = { ...listening(interrupt.signal), progress: hear, end: Date.now() + hour, whole: hour };
  await expect(perform(server.sessions, task, how)).rejects.toThrow("Ctrl-C");
  return server.sent;
}

describe("an interrupt", () => {
  test.each(["SET statement_timeout", "pg_backend_pid()"])("with %s keeps the statement back", async (words) => {
    expect(await interruptedAt(words)).not.toContain(task.statement);
  });

  test("while the statement runs cancels it", async () => {
    expect((await interruptedAt("scanning heap")).filter(isCancel)).toHaveLength(1);
  });

  test("that the server has before the statement, and so forgets, is sent to it again", async () => {
    expect((await interruptedAt("scanning heap", 1)).filter(isCancel)).toHaveLength(2);
  });
});
