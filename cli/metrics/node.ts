import type { Client, ClientConfig } from "pg";
import { messageOf } from "../../lib/errors";
import { repeat, within } from "../../lib/retry";
import { identifier } from "../../lib/sql/quote";
import { sessionClient, sessionOptions } from "../../lib/sql/session";
import type { Results } from "./results";
import type { Series } from "./series";
import { Reader, type ServerFacts, type SqlSet, textOf } from "./sql-set";

/** A server whose figures are collected. */
export interface NodeSettings {
  /** Value of the label `server`. */
  readonly name: string;
  /** How to log in as the monitoring login; asked before each login, as the password may change. */
  readonly connection: () => Promise<ClientConfig>;
  /** Database for what belongs to no database of the configuration. */
  readonly home: string;
  readonly databases: readonly string[];
}

/** Milliseconds. */
const limits = {
  /** Of a statement in the fast lane: what takes longer moves to the slow one. */
  fast: 1000,
  /** Of a statement in the slow lane. */
  slow: 5000,
  /** What is locked is left alone. */
  lock: 100,
  login: 3000,
  /** Beyond a statement's own limit: a server that does not even cancel it is frozen, and its connection given up. */
  grace: 1000,
  /** Before a set that failed is tried again, if its interval is longer. */
  retry: 60_000,
  /** How long a set that was too slow for the fast lane stays in the slow one. */
  demotion: 3_600_000,
  /** Pause of a lane that has nothing to do. */
  idle: 500,
} as const;

type Lane = "fast" | "slow";

/** A set at one place. */
interface Task {
  readonly set: SqlSet;
  readonly database: string;
  /** Of the label and of its results; empty for a set of the server. */
  readonly shown: string;
  readonly readers: Map<string, Reader>;
  due: number;
  /** In the slow lane until then. */
  slowUntil: number;
}

interface Session {
  readonly client: Client;
  readonly facts: ServerFacts;
  /** Milliseconds of one statement. */
  readonly statementTimeout: number;
}

const versionOf = (text: string): number => {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return major * 100 + minor;
};

/**
 * Only what the extension itself made, and only if its library is loaded: another function of that name would be a user's code.
 * Its schema goes into SQL, in quotes.
 */
const factsQuery = `SELECT current_setting('server_version_num')::int AS version, e.extversion, n.nspname
FROM (SELECT) AS one LEFT JOIN (pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace)
  ON e.extname = 'pg_stat_statements' AND current_setting('pg_stat_statements.max', true) IS NOT NULL AND (
    SELECT count(DISTINCT p.proname) = 2 FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
      AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    WHERE p.pronamespace = e.extnamespace AND p.proname IN ('pg_stat_statements', 'pg_stat_statements_info'))`;

async function factsOf(client: Client, databases: number): Promise<ServerFacts> {
  const { rows } = await client.query<{ version: number; extversion: string | null; nspname: string | null }>(
    factsQuery,
  );
  const { version = 0, extversion = null, nspname = null } = rows[0] ?? {};
  const statements =
    extversion === null || nspname === null
      ? undefined
      : { schema: identifier(nspname), version: versionOf(extversion) };
  return { version, statements, databases };
}

/** True for an error of a statement, after which the session goes on. */
const isSurvived = (error: unknown): boolean => (error as { severity?: string }).severity === "ERROR";

function drop({ client }: Pick<Session, "client">): void {
  client.connection.stream.destroy();
}

/**
 * Collects one server's figures, by two sessions at most: the fast lane keeps its own for what takes milliseconds; the slow lane goes
 * from database to database, and takes what was too slow for the other.
 */
export class Node {
  private readonly tasks: readonly Task[];
  private kept: Session | undefined;

  /** @param into where the figures go, and what failed */
  constructor(
    private readonly settings: NodeSettings,
    sets: readonly SqlSet[],
    private readonly into: { readonly results: Results; readonly note: (text: string) => void },
  ) {
    this.tasks = sets.flatMap((set) => this.placesOf(set).map((place) => this.task(set, place)));
  }

  /** Until the signal. */
  async collect(signal: AbortSignal): Promise<void> {
    await Promise.all([this.run("fast", signal), this.run("slow", signal)]);
    await this.give(this.kept);
  }

  private placesOf({ scope }: SqlSet): readonly (readonly [database: string, shown: string])[] {
    const { home, databases } = this.settings;
    if (scope === "server") return [[home, ""]];
    const wanted = scope === "database" ? databases : databases.slice(0, 1);
    return wanted.map((name) => [name, name]);
  }

  private task(set: SqlSet, [database, shown]: readonly [string, string]): Task {
    return { set, database, shown, readers: new Map(), due: 0, slowUntil: set.scope === "server" ? 0 : Infinity };
  }

  private run(lane: Lane, signal: AbortSignal): Promise<void> {
    const round = async (): Promise<number> => {
      const now = Date.now();
      const mine = this.tasks.filter(({ slowUntil }) => slowUntil > now === (lane === "slow"));
      const [next] = mine.filter(({ due }) => due <= now).sort((a, b) => a.due - b.due);
      if (next === undefined) return limits.idle;
      if (lane === "fast") await this.runKept(next);
      else await this.runAway(mine.filter(({ database, due }) => database === next.database && due <= now));
      return 0;
    };
    return repeat(round, signal);
  }

  /** In the session that stays open. */
  private async runKept(task: Task): Promise<void> {
    await this.attempt(task, "fast", async () => {
      this.kept ??= await this.open(task.database, limits.fast);
      return this.ask(this.kept, task, () => {
        this.kept = undefined;
      });
    });
  }

  /** In a session of their own, which ends afterwards. */
  private async runAway(tasks: readonly Task[]): Promise<void> {
    let session: Session | undefined;
    for (const task of tasks)
      await this.attempt(task, "slow", async () => {
        session ??= await this.open(task.database, limits.slow);
        return this.ask(session, task, () => {
          session = undefined;
        });
      });
    await this.give(session);
  }

  private async open(database: string, statementTimeout: number): Promise<Session> {
    const options = sessionOptions({
      statement_timeout: String(statementTimeout),
      lock_timeout: String(limits.lock),
      // It would compile our queries for longer than they run.
      jit: "off",
    });
    const client = sessionClient({
      ...(await this.settings.connection()),
      database,
      options,
      application_name: "howdah monitoring",
      connectionTimeoutMillis: limits.login,
    });
    try {
      await client.connect();
      const facts = factsOf(client, this.settings.databases.length);
      return { client, facts: await within(statementTimeout + limits.grace, facts), statementTimeout };
    } catch (error) {
      drop({ client });
      throw error;
    }
  }

  private async give(session: Session | undefined): Promise<void> {
    if (session === undefined) return;
    await within(limits.grace, session.client.end()).catch(() => {
      drop(session);
    });
  }

  /** @param forget called if the session did not survive an error */
  private async ask(session: Session, task: Task, forget: () => void): Promise<Series> {
    try {
      return await this.figures(session, task);
    } catch (error) {
      if (!isSurvived(error)) {
        drop(session);
        forget();
      }
      throw error;
    }
  }

  private async figures({ client, facts, statementTimeout }: Session, { set, readers }: Task): Promise<Series> {
    const answer = async (text: string): Promise<Record<string, unknown>[]> =>
      (await within(statementTimeout + limits.grace, client.query<Record<string, unknown>>(text))).rows;
    if (set.when !== undefined) {
      const [row] = await answer(`SELECT ${set.when} AS holds`);
      if (row?.["holds"] !== true) return {};
    }
    const series: Series[] = [];
    for (const query of set.queries(facts)) {
      const text = textOf(query);
      const reader = readers.get(text) ?? new Reader(query);
      readers.set(text, reader);
      series.push(reader.read(await answer(text), { server: this.settings.name }));
    }
    return Object.assign({}, ...series) as Series;
  }

  private async attempt(task: Task, lane: Lane, work: () => Promise<Series>): Promise<void> {
    const { set, shown } = task;
    const { name } = this.settings;
    const start = performance.now();
    const place = { set: set.name, server: name, database: shown, interval: set.interval };
    const took = (): number => (performance.now() - start) / 1000;
    try {
      const series = await work();
      task.due = Date.now() + set.interval * 1000;
      this.into.results.add({ ...place, series, duration: took() });
    } catch (error) {
      // A statement that its own limit ended.
      const isSlow = (error as { code?: string }).code === "57014" && lane === "fast";
      if (isSlow) task.slowUntil = Date.now() + limits.demotion;
      else this.into.note(`${name}, ${set.name}${shown === "" ? "" : ` in ${shown}`}: ${messageOf(error)}`);
      task.due = isSlow ? 0 : Date.now() + Math.min(set.interval * 1000, limits.retry);
      if (!isSlow)
        this.into.results.add({ ...place, series: undefined, failed: set.failed?.(name) ?? {}, duration: took() });
    }
  }
}
