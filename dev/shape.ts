import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { runScript } from "../lib/errors";
import { checkout } from "../lib/paths";
import { isAllowed, ruleOf } from "./import-rules";

/** Sources by path, relative to the checkout. */
export type Sources = ReadonlyMap<string, string>;

/** Figures that say whether a stranger finds the way; `npm run shape` prints them, and a test holds those that have to be 0 or 1. */
export interface Shape {
  readonly files: number;
  /** Lines of a file. */
  readonly median: number;
  readonly longest: string;
  /** The folders with the most files side by side. */
  readonly fullest: string;
  /** Groups of files that import each other. */
  readonly circles: readonly (readonly string[])[];
  /** Imports that dev/import-rules.ts does not allow. */
  readonly forbidden: readonly string[];
  /** Folders for which it has no rule. */
  readonly unruled: readonly string[];
  /** Words of the glossary's left side, and how often each occurs. */
  readonly words: readonly (readonly [string, number])[];
}

/** Top-level folders with sources. */
const roots = [
  "bench",
  "cli",
  "components",
  "contracts",
  "dev",
  "lib",
  "policies",
  "providers",
  "setup",
  "stacks",
  "test",
];

/** Reads all sources of the checkout. */
export function readSources(): Sources {
  const paths = roots.flatMap((root) => {
    try {
      return readdirSync(join(checkout, root), { recursive: true, encoding: "utf8" }).map((path) => join(root, path));
    } catch {
      return [];
    }
  });
  return new Map(
    paths.filter((path) => path.endsWith(".ts")).map((path) => [path, readFileSync(join(checkout, path), "utf8")]),
  );
}

/** Sources that a file imports, by type or value, at once or later. */
export function importsOf(path: string, sources: Sources): string[] {
  const names = [...(sources.get(path) ?? "").matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)].map(
    ([, name = ""]) => posix.join(dirname(path), name).replace(/\.js$/, ""),
  );
  return [...new Set(names)].map((name) => `${name}.ts`).filter((file) => sources.has(file));
}

/** Groups of files that import each other: Tarjan's strongly connected components. */
export function circlesOf(sources: Sources): string[][] {
  interface Visit {
    readonly index: number;
    low: number;
    open: boolean;
  }
  const visits = new Map<string, Visit>();
  const path: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): Visit => {
    const own: Visit = { index: visits.size, low: visits.size, open: true };
    visits.set(file, own);
    path.push(file);
    for (const other of importsOf(file, sources)) {
      const seen = visits.get(other);
      if (seen === undefined) own.low = Math.min(own.low, visit(other).low);
      else if (seen.open) own.low = Math.min(own.low, seen.index);
    }
    if (own.low < own.index) return own;
    const circle = path.splice(path.indexOf(file));
    for (const [name, member] of visits) if (circle.includes(name)) member.open = false;
    if (circle.length > 1) circles.push(circle.sort());
    return own;
  };
  for (const file of sources.keys()) if (!visits.has(file)) visit(file);
  return circles;
}

const count = (text: string): number => text.split("\n").length - 1;

const counted = (items: readonly string[]): [string, number][] =>
  [...new Set(items)]
    .map((item): [string, number] => [item, items.filter((other) => other === item).length])
    .sort(([, a], [, b]) => b - a);

/** Words that the glossary (CONTRIBUTING.md) has others for, in comments, messages and documents. */
export const foreignWords =
  /\b(in place of|beside|anew|whoever|nobody|somebody|look-up|time-out|upkeep|the servers' user|the house's own)\b/gi;

/** Figures of the sources. */
export function shapeOf(sources: Sources): Shape {
  const product = new Map([...sources].filter(([path]) => !path.startsWith("test/")));
  const lengths = [...product].map(([path, text]): [string, number] => [path, count(text)]);
  const sorted = lengths.toSorted(([, a], [, b]) => a - b);
  const [longest = ["", 0] as const] = sorted.slice(-1);
  const folders = [...sources.keys()].map((path) => dirname(path));
  return {
    files: product.size,
    median: sorted[Math.floor(sorted.length / 2)]?.[1] ?? 0,
    longest: `${longest[0]} (${longest[1]})`,
    fullest: counted(folders)
      .slice(0, 3)
      .map(([folder, files]) => `${folder} (${files})`)
      .join(", "),
    circles: circlesOf(sources),
    forbidden: [...sources.keys()].flatMap((from) =>
      importsOf(from, sources)
        .filter((to) => !isAllowed(from, to))
        .map((to) => `${from} → ${to}`),
    ),
    unruled: [...new Set(folders)].filter((folder) => ruleOf(`${folder}/x.ts`) === undefined),
    words: counted(
      [...product]
        // The list itself has all of them.
        .filter(([path]) => path !== "dev/shape.ts")
        .flatMap(([, text]) => (text.match(foreignWords) ?? []).map((word) => word.toLowerCase())),
    ),
  };
}

/** A line per figure. */
function describe(shape: Shape): string {
  const { circles, forbidden, unruled, words, ...figures } = shape;
  const lines = Object.entries(figures).map(([name, value]) => `${name}: ${value}`);
  const list = (name: string, items: readonly string[]): string[] => [
    `${name}: ${items.length}`,
    ...items.map((item) => `  ${item}`),
  ];
  return [
    ...lines,
    ...list(
      "circles",
      circles.map((circle) => circle.join(" ⇄ ")),
    ),
    ...list("forbidden imports", forbidden),
    ...list("folders without an import rule", unruled),
    ...list(
      "words of the glossary's left side",
      words.map(([word, times]) => `${word} (${times})`),
    ),
    "",
  ].join("\n");
}

if (require.main === module)
  runScript(() => {
    process.stdout.write(describe(shapeOf(readSources())));
    return Promise.resolve(0);
  });
