import { Failure } from "../../lib/errors";
import type { Problem } from "../../lib/values";
import { oneLine } from "../../lib/text/printable";

/** Where a path is written, in the notation of `pulumi config set --path`: `howdah:postgres.parameters["a.b"]`. */
export function configPath([head, ...rest]: readonly (string | number)[]): string {
  const step = (part: string | number): string => {
    if (typeof part === "number") return `[${part}]`;
    return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  };
  return `howdah:${head ?? ""}${rest.map(step).join("")}`;
}

/** A config that cannot be used: every problem at once, one line each. */
export class ConfigError extends Failure {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly Problem[]) {
    const lines = problems.map(({ path, message }) => `  ${oneLine(`${configPath(path)}: ${message}`)}`);
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super([`${count} in the stack's config (Pulumi.<stack>.yaml):`, ...lines].join("\n"));
  }
}
