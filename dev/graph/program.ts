import { join } from "node:path";
import { compose } from "../../stacks/compose";
import { type Settings, settingsIn } from "../../stacks/config/settings";
import { Failure } from "../../lib/errors";
import { readText } from "../../lib/files";
import { checkout } from "../../lib/paths";
import { type GraphResource, graphOf, sharedNames } from "./graph";
import { record } from "./recorder";

/** What the setup tells the program of a stack of this machine: fixed words, so that the graph is the same everywhere. */
const environment = {
  HOWDAH_STATE_ROOT: "/var/lib/howdah",
  HOWDAH_PYTHON: "/var/lib/howdah/.setup/python/bin",
  HOWDAH_SUPERCRONIC: "/var/lib/howdah/.tools/supercronic",
  HOWDAH_PGBOUNCER: "/usr/sbin/pgbouncer",
  HOWDAH_NODE: "/var/lib/howdah/.tools/node",
  HOWDAH_OPS: "/var/lib/howdah/.tools/howdah.cjs",
};

/** Which stack, and where its config is. */
export interface Wanted {
  readonly stack: string;
  /** Default: the stack's own file in the checkout. */
  readonly config?: string | undefined;
}

/** Settings in a config file, as the program would read them through the engine. @throws a `Failure` without the file */
function settingsOf({ stack, config }: Wanted): Settings {
  const path = config ?? join(checkout, `Pulumi.${stack}.yaml`);
  const text = readText(path);
  if (text === undefined) throw new Failure(`stack "${stack}" has no config: ${path} does not exist`);
  return settingsIn(text, stack);
}

/**
 * The graph that a stack's program registers.
 * @throws a `Failure` if the config is missing or wrong, and an error if a resource type has no row
 */
export async function stackGraph(wanted: Wanted): Promise<GraphResource[]> {
  Object.assign(process.env, environment);
  const settings = settingsOf(wanted);
  const registered = await record(wanted.stack, () => compose(wanted.stack, settings));
  const resources = graphOf(registered, { region: settings.aws?.region, checkout });
  const [shared] = sharedNames(resources);
  if (shared !== undefined) throw new Error(`two AWS resources have the logical name ${shared}`);
  return resources;
}
