/** What the command line of the engine says about the stack. */
export interface Invocation {
  /** Command words in full, aliases resolved: `["up"]`, `["stack", "init"]`. Empty for `--help` and the like. */
  readonly command: readonly string[];
  /** Named by `--stack`, or by position where the command takes it so. */
  readonly stack?: string;
  readonly hasConfigFile: boolean;
  /** True if values of the config are on the command line. */
  readonly setsConfig: boolean;
}

const aliases: Readonly<Record<string, string>> = { update: "up", pre: "preview", down: "destroy", dn: "destroy" };

/** Commands with subcommands that matter here. */
const groups = new Set(["stack", "config", "state", "plugin"]);

/** Commands whose first own argument is a stack. */
const positional = new Set(["stack init", "stack rm", "stack select", "cancel"]);

/** Flags that take a value as the next word and may stand before one of ours. */
const valueFlags = new Set(
  ["-C", "--cwd", "--color", "-v", "--verbose", "--tracing", "--profiling", "--otel-traces", "--memprofilerate"].concat(
    ["-s", "--stack", "--config-file", "-m", "--message", "-p", "--parallel", "-t", "--target", "-c", "--config"],
    ["--secrets-provider", "--copy-config-from", "--policy-pack", "--policy-pack-config", "--replace", "--exclude"],
    ["--file", "-f", "--event-log"],
  ),
);

/** `-f` is `--skip-preview` for up, preview, destroy and refresh, a file for the others. */
const bareShort = new Set(["up", "preview", "destroy", "refresh"]);

function takesValue(flag: string, command: readonly string[]): boolean {
  if (flag === "-f") return !bareShort.has(command[0] ?? "");
  return valueFlags.has(flag);
}

/** Reads the command, the stack and the presence of `--config-file` from arguments for the engine. */
export function readInvocation(args: readonly string[]): Invocation {
  const command: string[] = [];
  const positionals: string[] = [];
  let stack: string | undefined;
  let hasConfigFile = false;
  let setsConfig = false;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") break;
    const [flag = "", inline] = arg.split(/=(.*)/s);
    if (!arg.startsWith("-")) {
      if (command.length === 0) command.push(aliases[arg] ?? arg);
      else if (command.length === 1 && groups.has(command[0] ?? "")) command.push(arg);
      else positionals.push(arg);
      continue;
    }
    const value = inline ?? (takesValue(flag, command) ? args[++index] : undefined);
    if (flag === "-s" || flag === "--stack") stack = value;
    if (flag === "--config-file") hasConfigFile = true;
    if (flag === "-c" || flag === "--config") setsConfig = true;
  }
  if (positional.has(command.join(" "))) stack ??= positionals[0];
  return { command, ...(stack === undefined ? {} : { stack }), hasConfigFile, setsConfig };
}

/** Commands that read the stack's config and accept `--config-file`. */
const readsConfig = new Set(["up", "preview", "destroy", "refresh", "watch", "import", "logs"]);

/** True when the effective config has to be handed to the engine. */
export const needsConfig = ({ command }: Invocation): boolean => readsConfig.has(command[0] ?? "");

/** Commands that run the program. */
const runsProgram = new Set(["up", "preview", "watch"]);

/** True if the config that the program will read is the stack's own file, as it is. */
export const readsOwnConfig = ({ command, hasConfigFile, setsConfig }: Invocation): boolean =>
  runsProgram.has(command[0] ?? "") && !hasConfigFile && !setsConfig;

/** True for commands that take the lock of the stack. */
export const takesLock = ({ command }: Invocation): boolean =>
  ["up", "destroy", "refresh", "import", "watch", "state", "stack rm"].some(
    (name) => name === command[0] || name === command.slice(0, 2).join(" "),
  );

/** Files that stand for the stack's own `Pulumi.<stack>.yaml`. */
export interface ConfigFiles {
  /** Config with the salt, outside the checkout. */
  readonly effective: string;
  /** File that `config` commands edit, when it is not the default one. */
  readonly edited?: string;
}

/** Arguments for a stack whose config file is managed by us: `--config-file`, and no deleting of the checkout's file. */
export function managedArguments(args: readonly string[], files: ConfigFiles): string[] {
  const invocation = readInvocation(args);
  const extra: string[] = [];
  if (!invocation.hasConfigFile) {
    if (needsConfig(invocation)) extra.push("--config-file", files.effective);
    if (invocation.command[0] === "config" && files.edited !== undefined) extra.push("--config-file", files.edited);
  }
  if (invocation.command.join(" ") === "stack rm" && !args.includes("--preserve-config"))
    extra.push("--preserve-config");
  const end = args.indexOf("--");
  const own = end < 0 ? args.length : end;
  return [...args.slice(0, own), ...extra, ...args.slice(own)];
}
