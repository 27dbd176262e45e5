import { Refusal } from "../../../lib/errors";
import { routeSchema } from "../../../contracts/read-routes";
import { defineCommand } from "../../kit/command";
import { readSettings } from "../../kit/input";
import { flag, option, withDefault } from "../../kit/options";

export const route = defineCommand({
  name: "route",
  group: "internal",
  summary: "Keep a PgBouncer's reads away from replicas that are down or lag; runs next to it",
  on: "options",
  options: {
    config: withDefault(option("<file>", "settings of the routes"), "/etc/howdah/route.json"),
    once: flag("check once, then exit"),
    offline: flag("check no server, and route all reads to the primary (with --once)"),
  },
  run: async ({ context }, { config, once, offline }) => {
    const { keepRoutes, Router, writeFallback } = await import("../../routing/route.js");
    const read = () => readSettings(config, routeSchema, "the routes'");
    const settings = await read();
    if (offline && !once) throw new Refusal("--offline needs --once: without checks there is nothing to repeat");
    if (offline) writeFallback(settings);
    else if (once) {
      const router = new Router(settings, context);
      await router.round();
      router.end();
    } else await keepRoutes(read, context);
    return { data: { include: settings.include }, text: once ? `wrote ${settings.include}` : "stopped" };
  },
});
