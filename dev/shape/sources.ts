import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../lib/paths";

/** Sources by path, relative to the checkout. */
export type Sources = ReadonlyMap<string, string>;

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

/** Reads all sources of the checkout. @param ending of their names */
export function readSources(ending = ".ts"): Sources {
  const paths = roots.flatMap((root) => {
    try {
      return readdirSync(join(checkout, root), { recursive: true, encoding: "utf8" }).map((path) => join(root, path));
    } catch {
      return [];
    }
  });
  return new Map(
    paths.filter((path) => path.endsWith(ending)).map((path) => [path, readFileSync(join(checkout, path), "utf8")]),
  );
}
