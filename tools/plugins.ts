import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { bundleHash, bundles } from "./build";
import type { Engine } from "./engine/engine";
import { Failure } from "./failure";
import { readText, writeWhole } from "./files";
import { checkout, type Locations } from "./paths";
import { capture, follow, type Ended } from "./process";
import type { Voice } from "./say";

const markerSchema = z.object({ source: z.enum(["official", "stand-in"]), hash: z.string() });

/** Which plugin was taken: the official one, or our stand-in with the fingerprint of its script. */
export type Marker = z.output<typeof markerSchema>;

/** What `HOWDAH_PLUGINS` asks for; without it the official plugin is tried first. */
export type Wish = Marker["source"] | undefined;

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

const officialSeconds = { tried: 10, forced: 300 };

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

/** True when what is installed is what is wanted: the right source, and for a stand-in the present script. */
export function isSettled(marker: Marker | undefined, wish: Wish, standIn: string): boolean {
  if (marker === undefined || (wish !== undefined && marker.source !== wish)) return false;
  return marker.source === "official" || marker.hash === standIn;
}

const bundleOf = (plugin: Plugin): (typeof bundles)[number] => {
  const found = bundles.find(({ output }) => basename(output) === `pulumi-resource-${plugin.name}`);
  if (found === undefined) throw new Error(`no bundle for the plugin ${plugin.name}`);
  return found;
};

const markerFile = (at: Locations, { name, version }: Plugin): string =>
  join(at.cache, "plugins", `${name}-${version}.json`);

function installed(at: Locations, plugin: Plugin): Marker | undefined {
  const folder = join(at.pulumiHome, "plugins", `resource-${plugin.name}-v${plugin.version}`);
  const text = existsSync(folder) ? readText(markerFile(at, plugin)) : undefined;
  return text === undefined ? undefined : markerSchema.safeParse(JSON.parse(text)).data;
}

/** What is in use, for the list that the set-up prints. */
export const describePlugin = (at: Locations, plugin: Plugin): string =>
  `${plugin.name} ${plugin.version} (${installed(at, plugin)?.source ?? "missing"})`;

/** True when nothing has to be installed. */
export function hasPlugin(at: Locations, plugin: Plugin, wish: Wish): boolean {
  return isSettled(installed(at, plugin), wish, bundleHash(bundleOf(plugin)));
}

function install(target: Target, args: string[], seconds: number): Promise<Ended> {
  const env = { ...process.env, PULUMI_HOME: target.at.pulumiHome, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const all = ["plugin", "install", "resource", ...args, "--reinstall", "--non-interactive"];
  return follow({ program: target.engine.path, args: all, env, timeout: seconds * 1000 }, () => undefined);
}

async function installStandIn(target: Target, plugin: Plugin): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "howdah-plugin-"));
  const script = `pulumi-resource-${plugin.name}`;
  const archive = join(folder, "plugin.tgz");
  try {
    copyFileSync(join(checkout, bundleOf(plugin).output), join(folder, script));
    capture({ program: "tar", args: ["-czf", archive, "-C", folder, script] });
    return await install(target, [plugin.name, plugin.version, "--file", archive], 60);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs one plugin: the official one when it can be had within seconds, else our stand-in; says plainly which. */
export async function takePlugin(target: Target, plugin: Plugin): Promise<Marker> {
  const { at } = target;
  const wish = readWish(process.env["HOWDAH_PLUGINS"]);
  const hash = bundleHash(bundleOf(plugin));
  const save = (marker: Marker): Marker => {
    writeWhole(markerFile(at, plugin), JSON.stringify(marker));
    return marker;
  };
  // Once a stand-in was taken, a changed script is no reason to look for the official plugin again.
  if (wish !== "stand-in" && !(wish === undefined && installed(at, plugin)?.source === "stand-in")) {
    const seconds = wish === "official" ? officialSeconds.forced : officialSeconds.tried;
    const official = await install(target, [plugin.name, plugin.version], seconds);
    if (official.code === 0) return save({ source: "official", hash: "" });
    if (wish === "official")
      throw new Failure(`the official plugin ${plugin.name} ${plugin.version} could not be had:\n${official.stderr}`);
  }
  const ended = await installStandIn(target, plugin);
  if (ended.code !== 0)
    throw new Failure(`the stand-in of plugin ${plugin.name} could not be installed:\n${ended.stderr}`);
  return save({ source: "stand-in", hash });
}

/** Installs all plugins that are missing, side by side, since an unreachable host costs seconds each time. */
export async function takePlugins(target: Target, voice: Voice): Promise<void> {
  const wish = readWish(process.env["HOWDAH_PLUGINS"]);
  const missing = wantedPlugins().filter((plugin) => !hasPlugin(target.at, plugin, wish));
  const taken = await Promise.all(missing.map((plugin) => takePlugin(target, plugin)));
  missing.forEach((plugin, index) => {
    const official = taken[index]?.source === "official";
    const source = official
      ? "the official plugin"
      : "our stand-in, the official plugin being out of reach or not wanted";
    voice.note(`plugin ${plugin.name} ${plugin.version}: ${source}`);
  });
}
