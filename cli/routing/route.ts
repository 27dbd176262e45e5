import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { type Route, routesText, seatOf } from "../../contracts/read-routes";
import { messageOf } from "../../lib/errors";
import { readText, writeWhole } from "../../lib/files";
import { repeat } from "../../lib/retry";
import type { Context } from "../kit/answer";
import { command } from "../../lib/servers/pgbouncer-console";
import { Probe } from "./health";
import { next, unknown, type Vote } from "./vote";

/** Which of the poolers this is: a pod is named by its number. */
const seat = seatOf(hostname());

/** Writes the routes with the primary alone: PgBouncer does not start without them. */
export function writeFallback(route: Route): void {
  writeWhole(route.include, routesText(route, [], seat));
}

/** Fingerprint of what PgBouncer has to read again; kubelet changes all files of a volume in one step. */
async function fingerprintOf(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file).catch(() => "")).update("\0");
  return hash.digest("hex");
}

/** Milliseconds for a look; a server that needs longer is not well, whatever it says then. */
const timeoutOf = ({ intervalSeconds }: Route): number => Math.max(1000, intervalSeconds * 1000);

interface Target {
  readonly host: string;
  readonly probe: Probe;
  vote: Vote | undefined;
}

/** Keeps reads away from replicas that are down or behind. */
export class Router {
  private readonly targets: Target[];
  private watched: string | undefined;
  /** True while PgBouncer has not read what is new. */
  private stale = false;
  private trouble: string | undefined;

  /** @param due true while PgBouncer has to open its server connections again */
  constructor(
    private readonly route: Route,
    private readonly context: Pick<Context, "note">,
    private due = false,
  ) {
    const { targets } = route;
    this.targets = targets.map((target) => ({
      host: target.host,
      probe: new Probe(route, target, timeoutOf(route)),
      vote: undefined,
    }));
  }

  /** One round: looks at every target, writes the routes if they change, and has PgBouncer read what is new. */
  async round(): Promise<void> {
    await Promise.all(this.targets.map((target) => this.check(target)));
    const healthy = this.targets.filter(({ vote }) => vote?.healthy === true);
    const text = routesText(this.route, healthy, seat);
    if (readText(this.route.include) !== text) {
      writeWhole(this.route.include, text);
      const names = healthy.map(({ host }) => host);
      this.context.note(`reads go to ${names.length === 0 ? "the primary" : names.join(", ")}`);
      this.stale = true;
    }
    const watched = await fingerprintOf(this.route.watch);
    if (this.watched !== undefined && this.watched !== watched) this.stale = true;
    this.watched = watched;
    if (this.stale) await this.send("RELOAD", () => (this.stale = false));
    if (this.due) await this.send("RECONNECT", () => (this.due = false));
  }

  /** The router for other settings; what is still to be done goes along. */
  followedBy(latest: Route): Router {
    this.end();
    return new Router(latest, this.context, this.due || latest.sessions !== this.route.sessions);
  }

  end(): void {
    for (const { probe } of this.targets) probe.end();
  }

  private async check(target: Target): Promise<void> {
    const problem = await target.probe.problem();
    const before = target.vote;
    target.vote = before === undefined ? unknown(problem) : next(before, problem);
    if (target.vote.healthy !== before?.healthy)
      this.context.note(`${target.host}: ${target.vote.healthy ? "healthy" : (problem ?? "not healthy")}`);
  }

  /** A PgBouncer that does not answer reads everything when it starts; until then, each round tries again. */
  private async send(word: string, done: () => void): Promise<void> {
    try {
      await command(this.route, word);
      done();
      this.trouble = undefined;
    } catch (error) {
      const trouble = messageOf(error);
      if (trouble !== this.trouble) this.context.note(`PgBouncer was not updated: ${trouble}`);
      this.trouble = trouble;
    }
  }
}

/**
 * Rounds until the signal, by settings that are read again before each: kubelet changes them in place.
 * @param read rejects if there are none that can be used; later, the last ones are kept then
 */
export async function keepRoutes(read: () => Promise<Route>, context: Context): Promise<void> {
  let route = await read();
  let router: Router | undefined;
  const follow = async (before: Router): Promise<Router> => {
    const latest = await read().catch((error: unknown) => {
      context.note(messageOf(error));
      return route;
    });
    if (isDeepStrictEqual(latest, route)) return before;
    route = latest;
    return before.followedBy(latest);
  };
  try {
    await repeat(async () => {
      router = router === undefined ? new Router(route, context) : await follow(router);
      await router.round();
      return route.intervalSeconds * 1000;
    }, context.signal);
  } finally {
    router?.end();
  }
}
