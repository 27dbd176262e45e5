import { Argument, Command, Option } from "commander";
import { version } from "../package.json";
import { exitCodes } from "./kit/answer";
import { groups, type Verb } from "./kit/command";
import type { Spec, Specs } from "./kit/options";
import { type GlobalOptions, runVerb } from "./kit/run";
import { registry } from "./registry";

/** What each exit code means, as long as a verb does not say more. */
export const codes: Readonly<Record<number, string>> = {
  [exitCodes.ok]: "done",
  [exitCodes.failed]: "failed",
  [exitCodes.usage]: "invalid command line",
  [exitCodes.refused]: "nothing was changed: the action is impossible, or was not confirmed",
  [exitCodes.unsound]: "a drill found that a backup is unreliable",
  [exitCodes.interrupted]: "interrupted",
};

/** Options of every verb; `GlobalOptions` has their values. */
export const globalOptions: readonly (readonly [flags: string, about: string])[] = [
  ["--stack <name>", "stack; default: PULUMI_STACK, otherwise local"],
  ["--job-file <file>", "the stack's job file; default: found through its outputs"],
  ["--json", "print one JSON document to standard output"],
];

const codesText = `
Exit codes:
${Object.entries(codes)
  .map(([code, text]) => `  ${code.padEnd(4)} ${text}`)
  .join("\n")}
`;

/** `toTime` is `--to-time` on the command line, `socketDirectory` `--socket-directory`. */
export const optionName = (key: string): string =>
  `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** An option as it is typed. */
export const flagsOf = (key: string, { value }: Spec<unknown>): string =>
  [optionName(key), ...(value === undefined ? [] : [value])].join(" ");

/** An argument as it is written in usages. */
export const placeOf = (key: string, { isRequired = false, isRest = false }: Spec<unknown>): string => {
  const name = isRest ? `${key}...` : key;
  return isRequired ? `<${name}>` : `[${name}]`;
};

function argumentOf(key: string, spec: Spec<unknown>): Argument {
  const argument = new Argument(placeOf(key, spec), spec.about);
  return spec.choices === undefined ? argument : argument.choices(spec.choices);
}

function optionOf(key: string, spec: Spec<unknown>): Option {
  const { about, choices, parse, isRequired = false, isList = false, shown, unset } = spec;
  const option = new Option(flagsOf(key, spec), about).makeOptionMandatory(isRequired);
  if (choices !== undefined) option.choices(choices);
  else if (isList) option.argParser((text, before: readonly string[] | undefined) => [...(before ?? []), text]);
  else if (parse !== undefined) option.argParser(parse);
  return shown === undefined ? option : option.default(unset, shown);
}

const inputOf = (specs: Specs, valueOf: (key: string) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(specs).map(([key, { unset }]) => [key, valueOf(key) ?? unset]));

const isRest = (verb: Verb, key: string): boolean => verb.arguments[key]?.isRest === true;

function addVerb(program: Command, verb: Verb, run: typeof runVerb): void {
  const { name, group, summary, description = summary } = verb;
  const isInternal = group === "internal";
  const command = program
    .command(name, { hidden: isInternal })
    .helpGroup(`${groups[group]}:`)
    .summary(summary)
    .description(description);
  for (const [key, spec] of Object.entries(verb.arguments)) command.addArgument(argumentOf(key, spec));
  for (const [key, spec] of Object.entries(verb.options)) command.addOption(optionOf(key, spec));
  const names = Object.keys(verb.arguments);
  // Otherwise what stands before it, and ours among what stands behind it, would be lost.
  if (names.some((key) => isRest(verb, key)))
    command.allowUnknownOption().action(() => {
      command.error(`error: "${name}" must come first on the command line; all arguments after it go to the engine`);
    });
  else
    command.action(async () => {
      const own: Readonly<Record<string, unknown>> = command.opts();
      const input = {
        ...inputOf(verb.arguments, (key) => command.processedArgs[names.indexOf(key)]),
        ...inputOf(verb.options, (key) => own[key]),
      };
      await run(verb, { options: command.optsWithGlobals<GlobalOptions>(), input });
    });
}

/**
 * The whole command line. A wrong one ends the process with `exitCodes.usage`.
 * @param run for tests
 */
export function createProgram(run = runVerb): Command {
  const program = new Command("howdah")
    .description("PostgreSQL as one Pulumi program: creates stacks and operates them")
    .version(version)
    .addHelpCommand(new Command("help").argument("[command]").description("the same as --help").helpGroup("Help:"))
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(for a list of the commands, see howdah --help)")
    .addHelpText("after", codesText)
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
    });
  for (const [flags, about] of globalOptions) program.option(flags, about);
  for (const verb of registry) addVerb(program, verb, run);
  return program;
}

/** Runs the command line of this process. */
export async function main(): Promise<void> {
  const [first, ...argv] = process.argv.slice(2);
  const verb = registry.find(({ name }) => name === first);
  const [rest] = verb === undefined ? [] : Object.keys(verb.arguments).filter((key) => isRest(verb, key));
  if (verb !== undefined && rest !== undefined) await runVerb(verb, { options: {}, input: { [rest]: argv } });
  else await createProgram().parseAsync();
}
