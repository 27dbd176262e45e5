import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, type Outcome } from "../cli/kit/answer";
import { groups, type Group, type On, type Verb } from "../cli/kit/command";
import type { Spec } from "../cli/kit/options";
import { codes, flagsOf, globalOptions, placeOf } from "../cli/program";
import { registry } from "../cli/registry";
import { checkout } from "../lib/paths";

/** All verbs with their options. */
export const commandsFile = join(checkout, "docs", "commands.md");

/** Has the table of the verbs, between two marks. */
export const readmeFile = join(checkout, "README.md");

const marks = { start: "<!-- verbs: written by `npm run commands` -->", end: "<!-- end of the verbs -->" } as const;

const publicGroups = (Object.keys(groups) as Group[]).filter((group) => group !== "internal");
const verbsOf = (group: Group): Verb[] => registry.filter((verb) => verb.group === group);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
};

const code = (text: string): string => `\`${text}\``;

function usageOf({ name, arguments: specs, options }: Verb): string {
  const places = Object.entries(specs).map(([key, spec]) => placeOf(key, spec));
  return ["howdah", name, ...(Object.keys(options).length > 0 ? ["[options]"] : []), ...places].join(" ");
}

function aboutOf({ about, choices, shown, isRequired = false }: Spec<unknown>): string {
  const allowed = choices === undefined ? "" : `; one of ${choices.map(code).join(", ")}`;
  const preset = shown === undefined ? "" : `; default: ${shown}`;
  return `${about}${allowed}${preset}${isRequired ? "; required" : ""}`;
}

const places: Readonly<Record<"cluster" | "database", string>> = {
  cluster: "local clusters",
  database: "cloud databases",
};

/** What a verb works on, as a sentence. */
function worksOn(on: On): string {
  if (on === "checkout") return "Runs only in a checkout of howdah.";
  return on === "options" ? "" : `Works on ${on.map((kind) => places[kind]).join(" and ")}.`;
}

function sectionOf(verb: Verb): string {
  const { description = verb.summary, codes: own = {} } = verb;
  const rows = [
    ...Object.entries(verb.arguments).map(([key, spec]) => [code(placeOf(key, spec)), aboutOf(spec)]),
    ...Object.entries(verb.options).map(([key, spec]) => [code(flagsOf(key, spec)), aboutOf(spec)]),
  ];
  const outcomes = (Object.entries(own) as [Outcome, string][]).map(
    ([outcome, text]) => `Exit code ${exitCodes[outcome]}: ${text}.`,
  );
  return [
    `### howdah ${verb.name}`,
    `\`\`\`\n${usageOf(verb)}\n\`\`\``,
    `${description}. ${worksOn(verb.on)}`.trim(),
    ...(rows.length === 0 ? [] : [table(["argument, option", "meaning"], rows)]),
    ...outcomes,
  ].join("\n\n");
}

/** The text of docs/commands.md. */
export function commandsText(): string {
  const parts = [
    "# Commands",
    "<!-- Written by `npm run commands` from cli/registry.ts. -->",
    "Run `npx howdah` in a checkout, or `bin/howdah` from anywhere. Scheduled jobs and images contain the same command as a single file; there, `--job-file` is the only way to select a stack.",
    "Every verb except `pulumi` accepts these options:",
    table(
      ["option", "meaning"],
      globalOptions.map(([flags, about]) => [code(flags), about]),
    ),
    "## Exit codes",
    table(
      ["code", "meaning"],
      Object.entries(codes).map((row) => [...row]),
    ),
    'With `--json`, errors are JSON, too: `{"error": "…"}`.',
    ...publicGroups.flatMap((group) => [`## ${groups[group]}`, ...verbsOf(group).map(sectionOf)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The table of README.md. */
export const verbTable = (): string =>
  table(
    ["verb", "what it does"],
    publicGroups.flatMap(verbsOf).map(({ name, summary }) => [code(`howdah ${name}`), summary]),
  );

/** README.md with the table as it has to be. @throws if it has lost its marks */
export function readmeText(text: string): string {
  const [from, to] = [text.indexOf(marks.start), text.indexOf(marks.end)];
  if (from < 0 || to < from) throw new Error(`README.md lacks the marks ${marks.start} and ${marks.end}`);
  return `${text.slice(0, from + marks.start.length)}\n${verbTable()}\n${text.slice(to)}`;
}

if (require.main === module) {
  writeFileSync(commandsFile, commandsText());
  writeFileSync(readmeFile, readmeText(readFileSync(readmeFile, "utf8")));
}
