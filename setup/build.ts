import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "esbuild";
import { z } from "zod";
import { runScript } from "../lib/errors";
import { readText, writeWhole } from "../lib/files";
import { checkout } from "../lib/paths";
import { createReporter, type Reporter } from "../lib/reporter";
import { fingerprint } from "../lib/text/hash";

/** One executable Node script, bundled from TypeScript. Both paths are relative to the checkout. */
export interface Bundle {
  readonly entry: string;
  readonly output: string;
}

/** Everything that is bundled; add a row to add a plugin. */
export const bundles: readonly Bundle[] = [
  { entry: "providers/host/main.ts", output: "providers/host/pulumi-resource-host" },
  { entry: "providers/stand-ins/random/main.ts", output: ".build/pulumi-resource-random" },
  { entry: "providers/stand-ins/postgresql/main.ts", output: ".build/pulumi-resource-postgresql" },
  { entry: "cli/main.ts", output: ".build/howdah.cjs" },
];

const recordSchema = z.object({ inputs: z.record(z.string(), z.string()) });

/** Identifies the state of a file without reading it. */
function stateOf(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false });
  return file === undefined ? "absent" : `${file.mtimeMs} ${file.size}`;
}

const recordFile = (bundle: Bundle, root: string): string =>
  join(root, ".build", `${fingerprint(bundle.output)}.inputs.json`);

/** True when the output was made from the inputs as they are now. */
export function isCurrent(bundle: Bundle, root: string = checkout): boolean {
  const text = readText(recordFile(bundle, root));
  if (text === undefined || !existsSync(join(root, bundle.output))) return false;
  const record = recordSchema.safeParse(JSON.parse(text)).data;
  return (
    record !== undefined && Object.entries(record.inputs).every(([path, state]) => stateOf(join(root, path)) === state)
  );
}

/**
 * Leaves out what needs a checkout: the setup, the engine, and verbs like `up`. The command loads it by `import()` from these two
 * folders, and refuses in a bundle before it does (`isInstalled` in cli/kit/find-stack.ts).
 */
const checkoutOnly: Plugin = {
  name: "checkout-only",
  setup: (build) => {
    build.onResolve({ filter: /\/(engine|stack)\/[a-z-]+\.js$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/** Puts the texts of `textFile` into the bundle, each as a module of its own, so that a change of one is seen. */
const textFiles: Plugin = {
  name: "text-files",
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.endsWith("/lib/text/text-file.ts")) return undefined;
      const source = readFileSync(path, "utf8");
      const contents = source.replace(/\btextFile\(__dirname, ("[^"\\]+")\)/g, (_, name: string) => {
        const module = JSON.stringify(`./${JSON.parse(name) as string}`);
        return `(require(${module}) as string).replace(/\\n$/, "")`;
      });
      if (/\btextFile\(/.test(contents))
        throw new Error(`${path}: textFile needs __dirname and a name that stands there`);
      return contents === source ? undefined : { contents, loader: "ts" };
    });
  },
};

async function make(bundle: Bundle, root: string): Promise<void> {
  const { build } = await import("esbuild");
  const output = join(root, bundle.output);
  const fresh = `${output}.${process.pid}.tmp`;
  mkdirSync(dirname(output), { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [bundle.entry],
    outfile: fresh,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // An optional native binding of pg that is not installed here.
    external: ["pg-native"],
    plugins: [checkoutOnly, textFiles],
    loader: { ".sql": "text", ".sh": "text" },
    banner: { js: "#!/usr/bin/env node" },
    metafile: true,
    logLevel: "error",
  });
  chmodSync(fresh, 0o755);
  renameSync(fresh, output);
  // This list itself is an input: another option must make another bundle.
  const paths = [...Object.keys(metafile.inputs), relative(root, __filename)];
  const inputs = Object.fromEntries(paths.map((path) => [path, stateOf(join(root, path))]));
  writeWhole(recordFile(bundle, root), JSON.stringify({ inputs }));
}

/** Makes the bundles whose sources have changed, and says which. */
export async function buildBundles(
  reporter: Reporter,
  wanted: readonly Bundle[] = bundles,
  root: string = checkout,
): Promise<void> {
  const stale = wanted.filter((bundle) => !isCurrent(bundle, root));
  await Promise.all(stale.map((bundle) => make(bundle, root)));
  if (stale.length > 0) reporter.note(`built ${stale.map(({ output }) => output).join(", ")}`);
}

/** Fingerprint of a bundle's content. */
export const bundleHash = (bundle: Bundle): string => fingerprint(readFileSync(join(checkout, bundle.output)));

if (require.main === module) {
  runScript(async () => {
    await buildBundles(createReporter());
    return 0;
  });
}
