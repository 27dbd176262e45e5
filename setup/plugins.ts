import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { bundleHash, bundles } from "./build";
import type { Engine } from "./engine/types";
import { Failure } from "../lib/errors";
import { checkout, type Locations } from "../lib/paths";
import { capture, follow, type Ended } from "../lib/process/attended";
import type { Reporter } from "../lib/reporter";
import { fingerprint } from "../lib/text/hash";

/** Which plugin is installed: an official one, or a stand-in of ours with the fingerprint of its script. */
export type Installed = { readonly source: "official" } | { readonly source: "stand-in"; readonly hash: string };

/** What `HOWDAH_PLUGINS` asks for; without it, an official plugin is taken if it is installed, and none is downloaded. */
export type Wish = Installed["source"] | undefined;

/** A plugin that the program uses, at the version of its npm package. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
}

/** Which engine installs, and where. */
export interface Target {
  readonly at: Locations;
  readonly engine: Engine;
}

/** The plugins that official packages of npm call for and that have a stand-in. */
export function wantedPlugins(): Plugin[] {
  return ["random", "postgresql"].map((name) => {
    const manifest = readFileSync(join(checkout, "node_modules", "@pulumi", name, "package.json"), "utf8");
    return { name, version: z.object({ version: z.string() }).parse(JSON.parse(manifest)).version };
  });
}

/** Reads `HOWDAH_PLUGINS`. */
export function readWish(value: string | undefined): Wish {
  if (value === undefined || value === "") return undefined;
  if (value === "official" || value === "stand-in") return value;
  throw new Failure(`HOWDAH_PLUGINS is "${value}"; allowed: official, stand-in`);
}

/** True if what is installed is what is wanted: the right source, and for a stand-in the present script. */
export function isSettled(found: Installed | undefined, wish: Wish, standIn: string): boolean {
  if (found === undefined || (wish !== undefined && found.source !== wish)) return false;
  return found.source === "official" || found.hash === standIn;
}

const bundleOf = (plugin: Plugin): (typeof bundles)[number] => {
  const found = bundles.find(({ output }) => basename(output) === `pulumi-resource-${plugin.name}`);
  if (found === undefined) throw new Error(`no bundle for the plugin ${plugin.name}`);
  return found;
};

const folderIn = (home: string, { name, version }: Plugin): string =>
  join(home, "plugins", `resource-${name}-v${version}`);

/** First line of every stand-in (see `build.ts`); official plugins are machine code. */
const standInStart = "#!/usr/bin/env node";

/** As many bytes as `standInStart` has: an official plugin has 100 MB. */
function startOf(path: string): string {
  const start = Buffer.alloc(standInStart.length);
  const file = openSync(path, "r");
  readSync(file, start);
  closeSync(file);
  return start.toString("latin1");
}

/** The plugin in an engine's own folder, told by the program itself, however it was installed. */
export function installedIn(home: string, plugin: Plugin): Installed | undefined {
  const path = join(folderIn(home, plugin), `pulumi-resource-${plugin.name}`);
  // The engine keeps this file next to the folder until the plugin is complete.
  if (!existsSync(path) || existsSync(`${folderIn(home, plugin)}.partial`)) return undefined;
  return startOf(path) === standInStart
    ? { source: "stand-in", hash: fingerprint(readFileSync(path)) }
    : { source: "official" };
}

/** What is in use, for the list that the setup prints. */
export const describePlugin = (at: Locations, plugin: Plugin): string =>
  `${plugin.name} ${plugin.version} (${installedIn(at.pulumiHome, plugin)?.source ?? "missing"})`;

/** True if nothing has to be installed. */
export const hasPlugin = (at: Locations, plugin: Plugin, wish: Wish): boolean =>
  isSettled(installedIn(at.pulumiHome, plugin), wish, bundleHash(bundleOf(plugin)));

function install(target: Target, args: string[]): Promise<Ended> {
  const env = { ...process.env, PULUMI_HOME: target.at.pulumiHome, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const all = ["plugin", "install", "resource", ...args, "--reinstall", "--non-interactive"];
  return follow({ program: target.engine.path, args: all, env, timeout: 300_000 }, () => undefined);
}

async function installStandIn(target: Target, plugin: Plugin): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "howdah-plugin-"));
  const script = `pulumi-resource-${plugin.name}`;
  const archive = join(folder, "plugin.tgz");
  try {
    copyFileSync(join(checkout, bundleOf(plugin).output), join(folder, script));
    capture({ program: "tar", args: ["-czf", archive, "-C", folder, script] });
    const ended = await install(target, [plugin.name, plugin.version, "--file", archive]);
    if (ended.code !== 0)
      throw new Failure(`the stand-in of plugin ${plugin.name} could not be installed:\n${ended.stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder of the user's own engine, which may have plugins that were mirrored or installed from a file. */
const ownHome = (env: NodeJS.ProcessEnv): string => env["PULUMI_HOME"] ?? join(env["HOME"] ?? homedir(), ".pulumi");

/** Copies the plugin of the user's own engine into ours, if there is an official one. */
function copyOwn(at: Locations, plugin: Plugin): boolean {
  const own = ownHome(process.env);
  if (installedIn(own, plugin)?.source !== "official") return false;
  const [from, to] = [folderIn(own, plugin), folderIn(at.pulumiHome, plugin)];
  if (from === to) return true;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, dereference: true });
  return true;
}

const cannotDownload = ({ name, version }: Plugin, stderr: string): string =>
  `the official plugin ${name} ${version} could not be downloaded:\n${stderr}\n` +
  "If you have its archive, and have compared its SHA-256 with the published one, install it from the file:\n" +
  `  HOWDAH_PLUGINS= npm run pulumi -- plugin install resource ${name} ${version} --file ARCHIVE --reinstall`;

/**
 * Installs one plugin: an official one of the user's own engine, else our stand-in. Only if `HOWDAH_PLUGINS` is `official` does the
 * engine download it, from Pulumi's hosts or a mirror (`PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES`): howdah has no checksum to compare.
 */
async function installPlugin(target: Target, plugin: Plugin, wish: Wish): Promise<string> {
  const isReplacement = installedIn(target.at.pulumiHome, plugin)?.source === "stand-in";
  // A stand-in whose script has changed is replaced by the present one.
  const usesOfficial = wish === "official" || (wish === undefined && !isReplacement);
  if (usesOfficial && copyOwn(target.at, plugin)) return "the official plugin, as installed for your own engine";
  if (wish === "official") {
    const ended = await install(target, [plugin.name, plugin.version]);
    if (ended.code !== 0) throw new Failure(cannotDownload(plugin, ended.stderr));
    return "the official plugin, downloaded by the engine";
  }
  await installStandIn(target, plugin);
  return wish === undefined ? "our stand-in (HOWDAH_PLUGINS=official downloads the official one)" : "our stand-in";
}

/** Installs all plugins that are missing, side by side. */
export async function installPlugins(target: Target, reporter: Reporter): Promise<void> {
  const wish = readWish(process.env["HOWDAH_PLUGINS"]);
  const missing = wantedPlugins().filter((plugin) => !hasPlugin(target.at, plugin, wish));
  const sources = await Promise.all(missing.map((plugin) => installPlugin(target, plugin, wish)));
  missing.forEach(({ name, version }, index) => {
    reporter.note(`plugin ${name} ${version}: ${sources[index] ?? ""}`);
  });
}
