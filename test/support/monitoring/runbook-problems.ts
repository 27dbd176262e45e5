import { readFileSync } from "node:fs";
import { join } from "node:path";
import { globalOptions, optionName } from "../../../cli/program";
import { registry } from "../../../cli/registry";
import { allowedSettings } from "../../../components/pgbouncer/allowed-settings";
import { allowed as allowedParameters } from "../../../components/postgres/parameters/allowed";
import { checkout } from "../../../lib/paths";
import { type Block, blocksOf, brokenLinks, codeOf, isRun } from "./runbooks";

/** Headings of a runbook, after its title and what the alert means. */
const sections = ["Impact", "Look first", "Fix", "Prevent"] as const;

/** Attributes of a block, with what their values look like. */
const attributes: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  sh: { "not-run": /\S/ },
  sql: { server: /^(node[1-9]|primary|replica|pooler)$/, database: /^app$/, login: /^postgres$/, "not-run": /\S/ },
};

function blockProblems({ language, attributes: found, text }: Block): string[] {
  const known = attributes[language];
  if (known === undefined) return [`a block in "${language}": allowed are sh and sql`];
  return [
    ...(text.trim() === "" ? ["an empty block"] : []),
    ...(language === "sql" && found["server"] === undefined ? ["a block in sql that names no server"] : []),
    ...Object.entries(found).flatMap(([name, value]) =>
      known[name]?.test(value) === true ? [] : [`${name}="${value}" of a block in ${language}`],
    ),
  ];
}

function structureProblems(name: string, runbook: string): string[] {
  const [title, ...headings] = [...runbook.matchAll(/^#+ .*$/gm)].map(([heading]) => heading);
  const parts = runbook.split(/^#+ .*$/m).slice(1);
  return [
    ...(title === `# ${name}` ? [] : [`the title is not "# ${name}"`]),
    ...(headings.join() === sections.map((section) => `## ${section}`).join()
      ? []
      : [`the headings are not ${sections.join(", ")}`]),
    ...(parts.some((part) => part.trim() === "") ? ["an empty part"] : []),
  ];
}

/** Columns within which a line of prose still takes the next word. They are wrapped at about 160; an edit may leave some room. */
const fullLine = 150;
const listMarker = /^ *(?:-|\d+\.) +/;
/** A word; code and links are not broken. */
const word = /(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+/;

function earlyEnd(line: string, next: string): string[] {
  const [first = ""] = word.exec(next) ?? [];
  const isEarly = line.length + 1 + first.length <= fullLine;
  return isEarly ? [`"${line.trim()}" ends early: "${first}" would fit`] : [];
}

/** Lines that are indented differently from their paragraph or list item, and lines that end early, as edits leave them behind. */
function wrappingProblems(runbook: string): string[] {
  // Of a block, its indentation is left.
  const lines = runbook.replace(/^( *)```.*\n[\s\S]*?^ *```$/gm, "$1```").split("\n");
  const problems: string[] = [];
  /** Column at which the text of the list item begins, 0 outside of lists. */
  let margin = 0;
  /** The line before, if it is one of the same paragraph. */
  let before: string | undefined;
  for (const line of lines) {
    const [marker] = listMarker.exec(line) ?? [];
    const isHeading = line.startsWith("#");
    const isBlock = line.trim() === "```";
    if (marker !== undefined) {
      margin = marker.length;
    } else if (line !== "") {
      const indent = line.length - line.trimStart().length;
      const isNew = before === undefined || isBlock || isHeading;
      if (indent === 0 && isNew) margin = 0;
      if (indent !== margin)
        problems.push(`"${line.trim()}" is indented by ${String(indent)}, not by ${String(margin)}`);
      if (!isNew && before !== undefined) problems.push(...earlyEnd(before, line));
    }
    before = line === "" || isHeading || isBlock ? undefined : line;
  }
  return problems;
}

const command = /(?<![\w./-])howdah ([a-z][a-z-]*)((?: +(?:--?[\w-]+|"[^"]*"|[^\s`|;&"'-][^\s`|;&]*|…))*)/g;

/** Verbs and options that `howdah` does not have. */
function commandProblems(text: string): string[] {
  return [...text.matchAll(command)].flatMap(([line, name = "", rest = ""]) => {
    const verb = registry.find((one) => one.name === name);
    if (verb === undefined || verb.group === "internal") return [`"${line}": no such verb`];
    if (Object.values(verb.arguments).some(({ isRest }) => isRest === true)) return [];
    const known = [
      ...Object.keys(verb.options).map(optionName),
      ...globalOptions.map(([flags]) => flags.split(" ")[0]),
    ];
    const unknown = [...rest.matchAll(/ (--[\w-]+)/g)]
      .map(([, option]) => option)
      .filter((one) => !known.includes(one));
    return unknown.map((option) => `"${line}": no option ${option ?? ""}`);
  });
}

interface Node {
  readonly $ref?: string;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly allOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
}

const schema = JSON.parse(readFileSync(join(checkout, "docs", "config.schema.json"), "utf8")) as Node;

/** The node and its alternatives. */
function branches(node: Node): Node[] {
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = node;
  const target = $ref
    ?.split("/")
    .slice(1)
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], schema);
  const others = [...anyOf, ...oneOf, ...allOf, ...(target === undefined ? [] : [target as Node])];
  return [node, ...others.flatMap(branches)];
}

/** What a key leads to; `<app>` stands for any. */
const below = (nodes: readonly Node[], key: string): Node[] =>
  nodes.flatMap(({ properties = {}, additionalProperties }) => {
    const named = key.startsWith("<")
      ? Object.values(properties)
      : [properties[key]].filter((one) => one !== undefined);
    const next = named.length > 0 || typeof additionalProperties !== "object" ? named : [additionalProperties];
    return next.flatMap(branches);
  });

/** Tables that the schema has no names for. */
const overrides: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "postgres.parameters": allowedParameters,
  "pooler.parameters": allowedSettings,
};

const part = String.raw`(?:"[^"]+"|<[a-z]+>|[A-Za-z_]\w*)`;
/** `howdah:pooler.poolWait`, or without the namespace what can be nothing else. */
const settingForms = [
  new RegExp(String.raw`howdah:(${part}(?:\.${part})*)`, "g"),
  new RegExp(String.raw`^((?:databases|postgres|pooler|objectives)(?:\.${part})+)(?=$|:)`, "g"),
];

/** Settings that the config does not have. */
function settingProblems(text: string): string[] {
  const paths = settingForms.flatMap((form) => [...text.matchAll(form)].map(([, path = ""]) => path));
  return paths.flatMap((path) => {
    const keys = [...path.matchAll(new RegExp(part, "g"))].map(([key]) => key.replaceAll('"', ""));
    const [first = "", ...rest] = keys;
    const start = below(below([schema], "config"), `howdah:${first}`);
    const isKnown = rest.reduce(below, start).length > 0;
    const table = overrides[keys.slice(0, 2).join(".")];
    const isAllowed = table === undefined || keys.length < 3 || (keys[2] ?? "") in table;
    return isKnown && isAllowed ? [] : [`"howdah:${path}": the config has no such setting`];
  });
}

/** What is wrong with a runbook, a line each. @param name of its alert */
export function runbookProblems(name: string, runbook: string): string[] {
  const blocks = blocksOf(runbook);
  const texts = [...codeOf(runbook), ...blocks.map(({ text }) => text)];
  return [
    ...structureProblems(name, runbook),
    ...wrappingProblems(runbook),
    ...blocks.flatMap(blockProblems),
    ...(blocks.some(isRun) ? [] : ["no block that a test runs"]),
    ...texts.flatMap(commandProblems),
    ...texts.flatMap(settingProblems),
    ...brokenLinks(runbook).map((target) => `the link to ${target} leads nowhere`),
  ];
}
