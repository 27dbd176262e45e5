import { Refusal } from "../../lib/errors";
import { hasControl } from "../../lib/text/printable";
import { backrest, type RepositoryRef } from "./command";

const sectionLine = /^\[(.+)\]$/;
const entryLine = /^(.+?)=(\{.*\})$/;
const modeOf = /"?mode"?[=:]"(\d+)"/;

/** Bits that no file of a cluster has: set-user-ID and the like, and writing by others. Folders are closed to others, too. */
const strange = { file: 0o7022, path: 0o7027 } as const;

/** A path inside the data directory, part by part. */
function isInside(path: string): boolean {
  const [root, ...parts] = path.split("/");
  const isPlain = (part: string): boolean => part !== "" && part !== "." && part !== ".." && !hasControl(part);
  return root === "pg_data" && parts.every(isPlain);
}

/** What is wrong with one line of a section, if anything. */
function problemOf(section: string, line: string): string | undefined {
  const name = entryLine.exec(line)?.[1] ?? line;
  if (section === "backup:target")
    return name === "pg_data" ? undefined : `${name} is a tablespace or link outside the data directory`;
  if (section === "target:link") return `${name} is a link`;
  const kind = /^target:(file|path)(:default)?$/.exec(section);
  if (kind === null) return undefined;
  if (kind[2] === undefined && !isInside(name)) return `${name} is not inside the data directory`;
  const mode = parseInt(modeOf.exec(line)?.[1] ?? "0", 8);
  return (mode & strange[kind[1] as "file" | "path"]) === 0
    ? undefined
    : `${name} has mode ${mode.toString(8).padStart(4, "0")}`;
}

/**
 * What a restore of a manifest would write outside the data directory, or with rights that no cluster's files have. pgBackRest
 * trusts it: it makes every link and every file that is named, wherever that is.
 */
export function manifestProblems(text: string): string[] {
  let section = "";
  const problems: string[] = [];
  for (const line of text.split("\n")) {
    const found = sectionLine.exec(line)?.[1];
    if (found !== undefined) section = found;
    else if (line !== "") {
      const problem = problemOf(section, line);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}

/** Throws a `Refusal` unless a restore of the backup stays inside its folder. */
export async function checkManifest(at: RepositoryRef, label: string): Promise<void> {
  const quiet = ["--log-level-console=off", "--log-level-stderr=error"];
  const text = await backrest(at, [...quiet, "repo-get", `backup/${at.stanza}/${label}/backup.manifest`]);
  const [problem, ...more] = manifestProblems(text);
  if (problem === undefined) return;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new Refusal(
    `backup ${label} cannot be restored here: ${JSON.stringify(problem).slice(1, -1)}${others}. A howdah cluster has all its files in one folder, and none that other users may write to`,
  );
}
