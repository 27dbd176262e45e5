import { valueInFile } from "../../stacks/config/keys";
import { platformNamed } from "../../stacks/platforms";
import { defaultStack } from "./environment";

/** Stack names may be qualified, as in `organization/howdah/local`. */
const lastPart = (stack: string): string => stack.split("/").at(-1) ?? stack;

/** True for a stack of this machine, by the platform in its config. Without a readable config, the default stack is one. */
export function isLocal(stack: string, config: string | undefined): boolean {
  const platform = valueInFile(config, "platform");
  if (typeof platform !== "string") return lastPart(stack) === defaultStack;
  return platformNamed(platform)?.machine !== undefined;
}
