import type { Watched } from "../../contracts/guard";
import { runtimeCommand } from "../../lib/servers/haproxy";
import { messageOf } from "../../lib/errors";
import { sessionConfig } from "../session/sql";
import { clientOf, isHowdahSession, largestHolders } from "./holders";
import { calmAfter, type Step } from "./judge";
import { SpareSession } from "./spare-session";
import { childrenOf, commandOf, postmasterOf, processesOf, signalAll } from "./processes";
import { ask, howdahSession, lockQuestion, type Reply } from "./question";

/** A server under guard. */
export interface Guarded {
  readonly name: string;
  /** Processes that have to run for it to answer, the main one first; none if it does not run. */
  find(): readonly number[];
  /** @param timeout seconds */
  ask(timeout: number): Promise<Reply>;
  /**
   * Does a step.
   * @param main the process that was asked
   * @returns what was done
   */
  act(step: Exclude<Step, "none">, main: number): Promise<string>;
  close(): void;
}

type Of<Kind extends Watched["kind"]> = Extract<Watched, { kind: Kind }>;

/**
 * A PostgreSQL server under Patroni. Patroni holds one connection, as pooled clients do, and never learns that no client can open new
 * ones any more; PostgreSQL would stay so forever. After the end of a server Patroni sees a crash, and fails over as after any.
 */
export class GuardedPostgres implements Guarded {
  readonly name = "PostgreSQL";
  private readonly spare: SpareSession;
  private good = 0;

  constructor(private readonly server: Of<"postgres">) {
    this.spare = new SpareSession(server);
  }

  find(): readonly number[] {
    const pid = postmasterOf(this.server.dataDirectory);
    return pid === undefined ? [] : [pid];
  }

  async ask(timeout: number): Promise<Reply> {
    const reply = await ask(howdahSession(this.server), lockQuestion, timeout);
    if (reply.answer === "good") {
      await this.spare.keep();
      // Warms its caches, for the time when the lock table is full.
      if (this.good++ % calmAfter === 0) await this.spare.holders();
    }
    return reply;
  }

  async act(step: Exclude<Step, "none">, main: number): Promise<string> {
    const clients = new Map(
      childrenOf(main).flatMap((pid): [number, string][] => {
        const client = clientOf(commandOf(pid));
        return client === undefined ? [] : [[pid, client]];
      }),
    );
    if (step === "end server") return this.end(main);
    const holders = step === "end holders" ? await this.spare.holders() : undefined;
    if (holders === undefined) return endClients(clients);
    const chosen = largestHolders(holders.filter(({ pid }) => clients.has(pid)));
    signalAll(
      chosen.map(({ pid }) => pid),
      "SIGTERM",
    );
    const named = chosen.map(({ pid, locks }) => `${pid} (${clients.get(pid) ?? ""}) with ${locks}`);
    return named.length === 0
      ? "no session holds many locks, none was terminated"
      : `terminated the sessions with the most locks: ${named.join(", ")}`;
  }

  close(): void {
    this.spare.close();
  }

  /** With its children, which would otherwise go on serving, and keep the next start out of the shared memory. */
  private end(main: number): string {
    const children = childrenOf(main);
    this.spare.close();
    signalAll([main, ...children], "SIGKILL");
    return "killed the postmaster and its children, so that Patroni sees a crash";
  }
}

function endClients(clients: ReadonlyMap<number, string>): string {
  const ended = [...clients].filter(([, client]) => !isHowdahSession(client)).map(([pid]) => pid);
  signalAll(ended, "SIGTERM");
  return `terminated all ${ended.length} client sessions`;
}

/** A server without state that its supervisor starts again. */
abstract class Restarted implements Guarded {
  abstract readonly name: string;
  protected abstract readonly program: string;
  /** Arguments that its processes have, and no other use of the program. */
  protected abstract readonly args: readonly string[];

  find(): readonly number[] {
    return processesOf(this.program, this.args);
  }

  abstract ask(timeout: number): Promise<Reply>;

  act(): Promise<string> {
    signalAll(this.find(), "SIGKILL");
    return Promise.resolve("killed it, so that the supervisor restarts it");
  }

  close(): void {
    // Nothing is open.
  }
}

class GuardedPooler extends Restarted {
  readonly name = "PgBouncer";
  protected readonly program = "pgbouncer";
  protected readonly args: readonly string[];

  constructor(private readonly server: Of<"pgbouncer">) {
    super();
    this.args = [server.configuration];
  }

  ask(timeout: number): Promise<Reply> {
    // PgBouncer refuses startup options that it does not know.
    const config = { ...sessionConfig({ ...this.server, user: "pgbouncer" }, "pgbouncer"), options: undefined };
    return ask(config, "SHOW VERSION", timeout);
  }
}

class GuardedRouter extends Restarted {
  readonly name = "HAProxy";
  protected readonly program = "haproxy";
  protected readonly args: readonly string[];

  constructor(private readonly server: Of<"haproxy">) {
    super();
    // Master and workers have -W; a check of the file (-c) has not.
    this.args = ["-W", server.configuration];
  }

  async ask(timeout: number): Promise<Reply> {
    try {
      // It is asked twice if it does not answer.
      await runtimeCommand(this.server.socket, "show info", (timeout * 1000) / 2);
      return { answer: "good", reason: "" };
    } catch (error) {
      const reason = messageOf(error);
      const silent = reason.includes("does not answer") || (error as NodeJS.ErrnoException).code === "EAGAIN";
      return { answer: silent ? "silent" : "refused", reason };
    }
  }
}

export function guarded(watched: Watched): Guarded {
  switch (watched.kind) {
    case "postgres":
      return new GuardedPostgres(watched);
    case "pgbouncer":
      return new GuardedPooler(watched);
    case "haproxy":
      return new GuardedRouter(watched);
  }
}
