import { chmodSync, lchownSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { isCurrent as isCurrentOutput, recordOf, stateOf } from "../lib/bundled.cjs";
import { runScript } from "../lib/errors";
import { writeWhole } from "../lib/files";
import { checkout } from "../lib/paths";
import { createReporter, type Reporter } from "../lib/reporter";
import { fingerprint } from "../lib/text/hash";

/** One executable Node script, bundled from TypeScript. Both paths are relative to the checkout. */
export interface Bundle {
  readonly entry: string;
  readonly output: string;
  /** Runs in the checkout, with its packages, and its errors name lines of the sources. Default: as one file, wherever it is. */
  readonly inCheckout?: true;
}

/** The `howdah` command for the service user and for images. */
export const commandAsOneFile: Bundle = { entry: "cli/main.ts", output: ".build/howdah.cjs" };

/** Everything that is bundled; add a row to add a plugin. */
export const bundles: readonly Bundle[] = [
  // Loaded by lib/bundled.cjs, which has it made again if it is old.
  { entry: "cli/main.ts", output: ".build/checkout.cjs", inCheckout: true },
  { entry: "providers/host/main.ts", output: "providers/host/pulumi-resource-host" },
  { entry: "providers/stand-ins/random/main.ts", output: ".build/pulumi-resource-random" },
  { entry: "providers/stand-ins/postgresql/main.ts", output: ".build/pulumi-resource-postgresql" },
  commandAsOneFile,
];

/** True when the output was made from the inputs as they are now. */
export const isCurrent = ({ output }: Bundle, root?: string): boolean => isCurrentOutput(output, root);

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

/** With the packages of the checkout. Its errors name lines of the sources. */
const inCheckout: BuildOptions = {
  packages: "external",
  plugins: [textFiles],
  sourcemap: "inline",
  sourcesContent: false,
};

/** As one file it runs wherever it is. */
const asOneFile: BuildOptions = {
  // An optional native binding of pg that is not installed here.
  external: ["pg-native"],
  plugins: [checkoutOnly, textFiles],
  define: { isOneFile: "true" },
  banner: { js: "#!/usr/bin/env node" },
};

/** The state of an input for the record; one that was saved while the bundle was made may not be in it. */
const recordedState = (path: string, began: number): string =>
  (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > began ? "saved meanwhile" : stateOf(path);

/** What root makes in a user's checkout is the user's, who could not make it again otherwise. */
function giveToOwner(paths: readonly string[], root: string): void {
  const { uid, gid } = statSync(root);
  if (process.getuid?.() === 0 && uid !== 0) for (const path of paths) lchownSync(path, uid, gid);
}

async function make(bundle: Bundle, root: string): Promise<void> {
  const { build } = await import("esbuild");
  const began = Date.now();
  const output = join(root, bundle.output);
  const fresh = `${output}.${process.pid}.tmp`;
  mkdirSync(dirname(output), { recursive: true });
  const { metafile } = await build({
    ...(bundle.inCheckout ? inCheckout : asOneFile),
    absWorkingDir: root,
    entryPoints: [bundle.entry],
    outfile: fresh,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    loader: { ".sql": "text", ".sh": "text" },
    metafile: true,
    logLevel: "error",
  });
  chmodSync(fresh, 0o755);
  renameSync(fresh, output);
  // This list itself is an input: another option must make another bundle.
  const paths = [...Object.keys(metafile.inputs), "setup/build.ts"];
  const inputs = Object.fromEntries(paths.map((path) => [path, recordedState(join(root, path), began)]));
  const record = recordOf(bundle.output, root);
  writeWhole(record, JSON.stringify({ inputs }));
  giveToOwner([dirname(output), output, dirname(record), record], root);
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
    const named = process.argv.slice(2);
    const wanted = named.length === 0 ? bundles : bundles.filter(({ output }) => named.includes(output));
    await buildBundles(createReporter(), wanted);
    return 0;
  });
}
