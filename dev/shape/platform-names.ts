import type { Sources } from "./sources";

/** Where a platform may be named: its own folder, the list of all, and this file. */
const mayName = (file: string): boolean =>
  /^(components\/platforms\/[^/]+\/|stacks\/platforms\.ts$|dev\/shape\/platform-names\.ts$)/.test(file);

/** Lines outside that have the word in another sense, or cannot do without, with the reason. */
export const exceptions: Readonly<Record<string, RegExp>> = {
  // The name of a stack.
  "cli/engine/environment.ts": /^export const defaultStack = "local";$/,
  // The kind of a stack's file: every platform whose servers run on a machine of their own writes this one.
  "contracts/stack-file.ts": /kind: (z\.literal\()?"local"/,
  // A graph shows regions, which it knows of AWS's resources alone.
  "dev/graph/program.ts": /region: settings\.aws\?\.region/,
};

/** Words by which code would tell platforms apart: the name as a text, or its section of the settings. */
const branch = (name: string): RegExp =>
  new RegExp(`["'\`]${name}["'\`]|\\b(settings|given|sections)\\??\\.${name}\\b`);

/** Lines of a source that name a platform, without comments. */
export const linesThatName = (text: string, names: readonly string[]): string[] =>
  text
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .filter((line) => names.some((name) => branch(name).test(line)));

/** Lines of shared code that name a platform, but for the exceptions; each with its file. */
export const namingLines = (sources: Sources, names: readonly string[]): string[] =>
  [...sources]
    .filter(([file]) => !mayName(file))
    .flatMap(([file, text]) =>
      linesThatName(text, names)
        .filter((line) => exceptions[file]?.test(line) !== true)
        .map((line) => `${file}: ${line.trim()}`),
    );
