import { dirname, posix } from "node:path";
import type { Sources } from "./sources";

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
