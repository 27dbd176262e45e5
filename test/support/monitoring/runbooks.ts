import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../lib/paths";

/** Where the runbooks are, one for each alert, in addition to README.md and shell.sh. */
export const runbookFolder = join(checkout, "docs", "runbooks");

/** Text of each runbook by its name, which is the alert's. */
export const readRunbooks = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(runbookFolder)
      .filter((file) => file.endsWith(".md") && file !== "README.md")
      .sort()
      .map((file) => [file.slice(0, -".md".length), readFileSync(join(runbookFolder, file), "utf8")]),
  );

/** Commands that a reader pastes into a shell, or into the session that `attributes` name. */
export interface Block {
  /** `sh` or `sql`, if the runbook is right. */
  readonly language: string;
  /** What follows it in the first line, such as `server=primary`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

const withoutMargin = (text: string, margin: string): string =>
  text.replace(new RegExp(`^${margin}`, "gm"), "").trimEnd();

/** The blocks of a runbook, in its order. */
export const blocksOf = (runbook: string): Block[] =>
  [...runbook.matchAll(/^( *)```(.*)\n([\s\S]*?)^ *```$/gm)].map(([, margin = "", info = "", text = ""]) => {
    const [language = "", rest = ""] = info.split(/ (.*)/s);
    const attributes = [...rest.matchAll(/([\w-]+)=(?:"([^"]*)"|(\S+))/g)].map(
      ([, name = "", quoted, plain]) => [name, quoted ?? plain ?? ""] as const,
    );
    return { language, attributes: Object.fromEntries(attributes), text: withoutMargin(text, margin) };
  });

/** Each block once, however many runbooks have it. */
export const distinctBlocks = (runbooks: Iterable<string>): Block[] => [
  ...new Map([...runbooks].flatMap(blocksOf).map((block) => [JSON.stringify(block), block])).values(),
];

export const isRun = ({ attributes }: Block): boolean => !("not-run" in attributes);

/** Runbook without what is in blocks. */
export const proseOf = (runbook: string): string => runbook.replace(/^ *```.*\n[\s\S]*?^ *```$/gm, "");

/** Text of inline code. */
export const codeOf = (runbook: string): string[] =>
  [...proseOf(runbook).matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);

/** Heading as GitHub makes an anchor of it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/** Targets of links that lead nowhere. */
export function brokenLinks(runbook: string): string[] {
  const targets = [...proseOf(runbook).matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => {
    const [file = "", anchor] = target.split("#");
    const text = file === "" ? runbook : readDocument(file);
    if (text === undefined || anchor === undefined) return text === undefined;
    return ![...text.matchAll(/^#+ (.*)$/gm)].some(([, heading = ""]) => anchorOf(heading) === anchor);
  });
}

function readDocument(file: string): string | undefined {
  const path = join(runbookFolder, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
