import { parseDocument } from "yaml";
import { settingsIn } from "../../stacks/config/settings";
import { definitionOf, sectionsOf } from "../../stacks/platforms";
import { Failure } from "../../lib/errors";
import { shortName } from "./checkpoint";
import type { StackLocation } from "./session";

/** What is checked: the text of a stack's config, and if it is. */
export type Checked = Pick<StackLocation, "stack" | "source" | "config" | "at">;

/** True if a value is only known to the engine: encrypted, or from an environment of Pulumi's. */
function needsEngine(text: string): boolean {
  const document = parseDocument(text);
  return document.has("environment") || /["']?secure["']?\s*:/.test(text);
}

/**
 * Checks a stack's config as the program will: it costs a fraction of a second, whereas the engine first starts the plugins, and looks at
 * every resource of this machine. A config that needs the engine is left to the program.
 * @throws Failure listing every problem
 */
export function checkConfig({ stack, source, config, at }: Checked): void {
  if (config === undefined) return;
  const [broken] = parseDocument(config).errors;
  if (broken !== undefined) throw new Failure(`${source} is not valid YAML: ${broken.message}`);
  if (needsEngine(config)) return;
  try {
    const settings = settingsIn(config, shortName(stack));
    const platform = definitionOf(settings.platform);
    const { replicas } = settings.postgres;
    platform.machine?.assertFits({ stack, replicas, stateRoot: at.root }, sectionsOf(platform, settings));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.message.replace("Pulumi.<stack>.yaml", source));
  }
}
