import { dirname } from "node:path";
import { runScript } from "../../lib/errors";
import { platformNames } from "../../stacks/platforms";
import { isAllowed, ruleOf } from "../import-rules";
import { circlesOf, importsOf } from "./imports";
import { namingLines } from "./platform-names";
import { placesOf, singles } from "./singles";
import { readSources, type Sources } from "./sources";

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
  /** Where there is what has one place only: by name, the files, or the place itself. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** Lines of shared code that name a platform. */
  readonly platformBranches: readonly string[];
  /** Words of the glossary's left side, and how often each occurs. */
  readonly words: readonly (readonly [string, number])[];
}

const count = (text: string): number => text.split("\n").length - 1;

const counted = (items: readonly string[]): [string, number][] =>
  [...new Set(items)]
    .map((item): [string, number] => [item, items.filter((other) => other === item).length])
    .sort(([, a], [, b]) => b - a);

/** This file, which has them all. */
const glossary = "dev/shape/shape.ts";

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
    places: Object.fromEntries(singles.map((single) => [single.name, placesOf(single, product)])),
    platformBranches: namingLines(product, platformNames),
    words: counted(
      [...product]
        .filter(([path]) => path !== glossary)
        .flatMap(([, text]) => (text.match(foreignWords) ?? []).map((word) => word.toLowerCase())),
    ),
  };
}

/** A line per figure. */
function describe(shape: Shape): string {
  const { circles, forbidden, unruled, places, platformBranches, words, ...figures } = shape;
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
    ...Object.entries(places).flatMap(([name, files]) => list(name, files)),
    ...list("lines of shared code that name a platform", platformBranches),
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
