import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { type Route, routeSchema } from "../../contracts/read-routes";
import { messageOf, Refusal } from "../../lib/errors";
import type { Context } from "../kit/context";
import { keepRoutes, Router, writeFallback } from "../routing/route";
import { type Answer, runPlainVerb } from "../kit/run-verb";

interface RouteWords {
  readonly config: string;
  readonly once?: boolean;
  readonly offline?: boolean;
}

async function readRoute(file: string): Promise<Route> {
  const read = async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));
  const content = await read().catch((error: unknown) => {
    throw new Refusal(`the routes' settings cannot be read: ${messageOf(error)}`);
  });
  const { data, error } = routeSchema.safeParse(content);
  if (error !== undefined) throw new Refusal(`${file}:\n${z.prettifyError(error)}`);
  return data;
}

async function run(words: RouteWords, context: Context): Promise<Answer> {
  const route = await readRoute(words.config);
  const { once = false, offline = false } = words;
  if (offline && !once) throw new Refusal("--offline is for --once: without a look there is nothing to repeat");
  if (offline) writeFallback(route);
  else if (once) {
    const router = new Router(route, context);
    await router.round();
    router.end();
  } else await keepRoutes(() => readRoute(words.config), context);
  return { data: { include: route.include }, text: once ? `wrote ${route.include}` : "stopped" };
}

/** `howdah route`. */
export function registerRoute(program: Command): void {
  const command = program
    .command("route")
    .description("Keep a PgBouncer's reads away from replicas that are down or behind; runs beside it")
    .option("--config <file>", "settings of the routes", "/etc/howdah/route.json")
    .option("--once", "one round, in place of going on")
    .option("--offline", "look at no server: write the routes to the primary (with --once)");
  command.action((words: RouteWords) => runPlainVerb(command, (context) => run(words, context)));
}
