import type { Sources } from "./sources";

/** Something that has one place in the product, which all others ask. */
export interface Single {
  readonly name: string;
  /** The place: a file, or a folder with a slash at its end. */
  readonly home: string;
  /** What a file with its own has in it. */
  readonly pattern: RegExp;
}

export const singles: readonly Single[] = [
  {
    name: "runners of programs",
    home: "lib/process/",
    pattern: /^(import|export) (?!type\b)[^;]*"(node:)?child_process"|\b(require|import)\("(node:)?child_process"/m,
  },
  {
    name: "waits and retries",
    home: "lib/retry.ts",
    // A pause, a time limit of a promise, and a loop until a moment.
    pattern:
      /"(node:)?timers\/promises"|\bsetTimeout\(\s*(\(\) => \{?\s*)?(resolve|reject)\b|\bwhile \([^\n]*\b(Date|performance)\.now\(/,
  },
  {
    name: "quoters of SQL",
    home: "lib/sql/quote.ts",
    // The functions of `pg`, and a text of two quotes, by which a quote is doubled.
    pattern: /\bescape(Identifier|Literal)\b|(["'`])(?!\2)(["'])\3\2/,
  },
];

/** Files that have it, the place counted as one. */
export function placesOf({ home, pattern }: Single, sources: Sources): string[] {
  const files = [...sources].filter(([, text]) => pattern.test(text)).map(([path]) => path);
  return [...new Set(files.map((path) => (path.startsWith(home) ? home : path)))];
}
