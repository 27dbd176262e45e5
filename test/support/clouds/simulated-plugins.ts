import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Bundle, buildBundles } from "../../../setup/build";
import { readText, writeWhole } from "../../../lib/files";
import { withLock } from "../../../lib/lock";
import { buildFolder, checkout, locations } from "../../../lib/paths";
import { capture } from "../../../lib/process/attended";
import { howdahCommand } from "../typescript";
import { fingerprint } from "../../../lib/text/hash";

/** Plugins that only simulate; they are in no list of the product, and in no folder of a user's. */
const bundles: readonly (Bundle & { readonly name: string })[] = ["aws", "kubernetes"].map((name) => ({
  name,
  entry: `test/simulation/${name}/main.ts`,
  output: `.build/simulation/pulumi-resource-${name}`,
}));

/** A cache folder of the tests' own: an engine that looks here finds simulated plugins, and a user's finds none of them. */
const cacheHome = join(buildFolder, "simulation", "cache");

/** Environment of an engine under test. */
export const simulationEnvironment = (): Record<string, string> => ({
  XDG_CACHE_HOME: cacheHome,
  // The setup would ask for the official plugins first, and wait.
  HOWDAH_PLUGINS: "stand-in",
});

/** The engine itself takes minutes to build: the user's is used. */
function shareEngine(): void {
  const shared = join(locations().cache, "engine");
  const link = join(cacheHome, "howdah", "engine");
  mkdirSync(shared, { recursive: true });
  mkdirSync(dirname(link), { recursive: true });
  if (!existsSync(link)) symlinkSync(shared, link);
}

const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(checkout, "node_modules", "@pulumi", name, "package.json"), "utf8")) as { version: string })
    .version; // prettier-ignore

function install(bundle: Bundle & { readonly name: string }, environment: NodeJS.ProcessEnv): void {
  const { name, output } = bundle;
  const version = versionOf(name);
  const script = join(checkout, output);
  const marker = join(cacheHome, "howdah", "simulated", `${name}-${version}`);
  const sum = fingerprint(readFileSync(script));
  const home = locations({ ...process.env, ...simulationEnvironment() }).pulumiHome;
  if (readText(marker) === sum && existsSync(join(home, "plugins", `resource-${name}-v${version}`))) return;
  const folder = mkdtempSync(join(tmpdir(), "howdah-simulated-"));
  try {
    copyFileSync(script, join(folder, basename(output)));
    capture({ program: "tar", args: ["-czf", join(folder, "plugin.tgz"), "-C", folder, basename(output)] });
    const args = ["plugin", "install", "resource", name, version, "--file", join(folder, "plugin.tgz"), "--reinstall"];
    const ended = capture({
      program: howdahCommand,
      args: ["pulumi", ...args],
      cwd: checkout,
      env: environment,
    });
    if (ended.code !== 0) throw new Error(`plugin ${name} could not be installed:\n${ended.stdout}${ended.stderr}`);
    writeWhole(marker, sum);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds and installs the simulated plugins if they are missing or old. @param environment of the engine */
export async function takeSimulatedPlugins(environment: NodeJS.ProcessEnv): Promise<void> {
  shareEngine();
  const silent = { note: () => undefined, progress: () => undefined, done: () => undefined };
  await withLock(join(buildFolder, "simulation", "lock"), () => undefined, async () => {
    await buildBundles(silent, bundles);
    for (const bundle of bundles) install(bundle, environment);
  }); // prettier-ignore
}
