import type { Rule } from "eslint";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { checkout } from "../lib/paths";

/*
 * Who may import whom, by folder: the direction of the design. A file belongs to the longest folder that its path starts with; what is
 * not listed for that folder may not be imported. ESLint reports it, and `npm run shape` counts folders without a row.
 * A rule of our own, as import-x/no-restricted-paths says nothing about files that its resolver does not find, TypeScript's among them.
 */

const base = ["lib", "contracts"];

/** Parts of PostgreSQL and its surroundings that no platform has for itself. */
const shared = [
  "components/backup",
  "components/capacity",
  "components/compliance",
  "components/monitoring",
  "components/network",
  "components/pgbouncer",
  "components/ports",
  "components/postgres",
];

/** A folder each; none may import another. */
const platforms = readdirSync(join(checkout, "components", "platforms"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `components/platforms/${name}`);

/** Folders that a folder's files may import, in addition to their own. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  contracts: ["lib"],
  ...Object.fromEntries(shared.map((folder) => [folder, [...base, ...shared, "components"]])),
  components: [...base, ...shared],
  "components/kubernetes": [...base, ...shared, "components"],
  ...Object.fromEntries(
    platforms.map((folder) => [folder, [...base, ...shared, "components", "components/kubernetes"]]),
  ),
  stacks: [...base, ...shared, "components", "components/kubernetes", ...platforms],
  policies: ["lib"],
  "providers/runtime": ["lib"],
  "providers/host": [...base, "providers/runtime"],
  "providers/stand-ins": ["lib", "providers/runtime"],
  // What only a checkout can do is loaded by the verbs that need it.
  cli: [...base, ...shared, "cli/engine", "cli/stack", "cli/status"],
  // Only a checkout can run the engine, and only after the setup.
  "cli/engine": [...base, "cli", "components/platforms/local", "setup", "stacks"],
  "cli/stack": [...base, "cli", "cli/engine", "cli/status", "setup"],
  "cli/status": [...base, "cli", "cli/engine", "setup"],
  // What the config of a stack says about its machine.
  setup: [...base, "stacks"],
  dev: [...base, ...shared, "cli", "components", ...platforms, "components/kubernetes", "setup", "stacks"],
  bench: [...base, "setup", "test"],
  test: ["*"],
};

const folders = Object.keys(mayImport);

/** The row that a path falls under; undefined if there is none. */
export const ruleOf = (path: string): string | undefined =>
  folders.filter((folder) => path.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0];

/** True if a file may import another one, both relative to the checkout. */
export function isAllowed(from: string, to: string): boolean {
  const [own, other] = [ruleOf(from), ruleOf(to)];
  if (own === undefined || other === undefined) return false;
  const allowed = mayImport[own] ?? [];
  return own === other || allowed.includes(other) || allowed.includes("*");
}

/** ESLint's rule for it. Types are imports too: who knows a type depends on it. */
export const imports: Rule.RuleModule = {
  meta: {
    type: "problem",
    schema: [],
    messages: { forbidden: "{{from}} may not import {{to}} (dev/import-rules.ts)" },
  },
  create(context) {
    const path = relative(context.cwd, context.filename);
    const check = (node: Rule.Node & { readonly source?: unknown }): void => {
      const { value } = (node.source ?? {}) as { readonly value?: unknown };
      if (typeof value !== "string" || !value.startsWith(".")) return;
      const to = join(dirname(path), value);
      // What lies at the top is the project's own description, such as package.json.
      if (!to.includes("/") || isAllowed(path, to)) return;
      context.report({ node, messageId: "forbidden", data: { from: ruleOf(path) ?? dirname(path), to } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
