import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundles } from "../../../setup/build";
import { findEngine } from "../../../setup/engine/engine";
import { locations, type Locations } from "../../../lib/paths";
import { follow, type Ended } from "../../../lib/process/attended";
import {
  describePlugin,
  hasPlugin,
  installedIn,
  isSettled,
  type Plugin,
  readWish,
  installPlugins,
  type Target,
  wantedPlugins,
} from "../../../setup/plugins";

jest.setTimeout(300_000);

const standIn = { source: "stand-in", hash: "abc" } as const;
const official = { source: "official" } as const;

describe("choosing a plugin", () => {
  test("is settled by the official one, or by our present stand-in", () => {
    expect(isSettled(official, undefined, "abc")).toBe(true);
    expect(isSettled(standIn, undefined, "abc")).toBe(true);
  });

  test("is open when nothing is installed or the stand-in has changed", () => {
    expect(isSettled(undefined, undefined, "abc")).toBe(false);
    expect(isSettled(standIn, undefined, "new")).toBe(false);
  });

  test("is open when HOWDAH_PLUGINS wants the other one", () => {
    expect(isSettled(standIn, "official", "abc")).toBe(false);
    expect(isSettled(official, "stand-in", "abc")).toBe(false);
  });

  test("refuses a wish that means nothing", () => {
    expect(readWish("official")).toBe("official");
    expect(readWish("")).toBeUndefined();
    expect(() => readWish("standin")).toThrow(/allowed: official, stand-in/);
  });
});

/** With the real engine, in folders of their own; the archives stand for official ones: nothing in them is a script of Node. */
describe("plugins in the engine's folder", () => {
  const silent = { done: () => undefined, note: (text: string) => void notes.push(text), progress: () => undefined };
  const inherited = { ...process.env };
  const plugins = wantedPlugins();
  const found = findEngine(locations(), { done: () => undefined, note: () => undefined, progress: () => undefined });
  if (found === undefined) throw new Error("no engine on this machine: run `make setup`");
  const engine = found;
  let folder: string;
  let at: Locations;
  let target: Target;
  let notes: string[];

  beforeAll(() => buildBundles({ done: () => undefined, note: () => undefined, progress: () => undefined }));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "howdah-plugins-"));
    at = { ...locations(), cache: folder, pulumiHome: join(folder, "ours") };
    target = { at, engine };
    notes = [];
    process.env["PULUMI_HOME"] = join(folder, "user");
    // A download that nobody asked for must not reach anything.
    process.env["PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES"] = ".*=http://127.0.0.1:9";
    delete process.env["HOWDAH_PLUGINS"];
  });
  afterEach(() => {
    process.env = { ...inherited };
    rmSync(folder, { recursive: true });
  });

  const contentOf = ({ name }: Plugin): string => `\u007fELF of the official ${name}`;

  function archiveOf(plugin: Plugin): string {
    const name = `pulumi-resource-${plugin.name}`;
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, name), contentOf(plugin));
    chmodSync(join(folder, name, name), 0o755);
    const archive = join(folder, `${name}.tgz`);
    execFileSync("tar", ["-czf", archive, "-C", join(folder, name), name]);
    return archive;
  }

  /** What a site does that has the archives: `pulumi plugin install resource NAME VERSION --file ARCHIVE`. */
  function installFromFile(home: string, plugin: Plugin, ...more: string[]): Promise<Ended> {
    const args = ["plugin", "install", "resource", plugin.name, plugin.version, "--file", archiveOf(plugin), ...more];
    const env = { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
    return follow({ program: engine.path, args, env }, () => undefined);
  }

  const sources = (): unknown[] => plugins.map((plugin) => installedIn(at.pulumiHome, plugin)?.source);

  const inUse = (plugin: Plugin): string => {
    const name = `resource-${plugin.name}-v${plugin.version}`;
    return readFileSync(join(at.pulumiHome, "plugins", name, `pulumi-resource-${plugin.name}`), "latin1");
  };

  test("are stand-ins if no official one is installed; nothing is downloaded", async () => {
    await installPlugins(target, silent);
    expect(sources()).toEqual(["stand-in", "stand-in"]);
    expect(plugins.every((plugin) => hasPlugin(at, plugin, undefined))).toBe(true);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toContain("HOWDAH_PLUGINS=official");
  });

  test.each([undefined, "official"] as const)("are used as installed from a file, if %s is wanted", async (wish) => {
    for (const plugin of plugins) expect(await installFromFile(at.pulumiHome, plugin)).toMatchObject({ code: 0 });
    if (wish !== undefined) process.env["HOWDAH_PLUGINS"] = wish;
    expect(plugins.map((plugin) => hasPlugin(at, plugin, wish))).toEqual([true, true]);
    await installPlugins(target, silent);
    expect(plugins.map(inUse)).toEqual(plugins.map(contentOf));
    expect(describePlugin(at, plugins[0]!)).toMatch(/^random .* \(official\)$/);
  });

  test.each([undefined, "official"] as const)(
    "are copied from the user's own engine, if %s is wanted",
    async (wish) => {
      for (const plugin of plugins) await installFromFile(join(folder, "user"), plugin);
      if (wish !== undefined) process.env["HOWDAH_PLUGINS"] = wish;
      await installPlugins(target, silent);
      expect(plugins.map(inUse)).toEqual(plugins.map(contentOf));
    },
  );

  test("replace a stand-in when they are installed over it", async () => {
    await installPlugins(target, silent);
    for (const plugin of plugins) await installFromFile(at.pulumiHome, plugin, "--reinstall");
    expect(sources()).toEqual(["official", "official"]);
    await installPlugins(target, silent);
    expect(plugins.map(inUse)).toEqual(plugins.map(contentOf));
  });

  test("give way to stand-ins where these are asked for", async () => {
    for (const plugin of plugins) await installFromFile(at.pulumiHome, plugin);
    process.env["HOWDAH_PLUGINS"] = "stand-in";
    await installPlugins(target, silent);
    expect(sources()).toEqual(["stand-in", "stand-in"]);
  });

  test("that cannot be downloaded are an error with the way to install them from a file", async () => {
    process.env["HOWDAH_PLUGINS"] = "official";
    await expect(installPlugins(target, silent)).rejects.toThrow(
      /could not be downloaded[^]*plugin install resource .* --file/,
    );
    expect(sources()).toEqual([undefined, undefined]);
  });

  describe("from a download host", () => {
    let server: Server;
    let asked: string[];

    beforeEach(async () => {
      asked = [];
      server = createServer((request, response) => {
        asked.push(request.url ?? "");
        const plugin = plugins.find(({ name }) => request.url?.includes(`pulumi-resource-${name}-`) === true);
        if (plugin === undefined) response.writeHead(404).end();
        else response.end(readFileSync(archiveOf(plugin)));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      process.env["PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES"] = `.*=http://127.0.0.1:${port}`;
    });
    afterEach(() => {
      server.close();
      server.closeAllConnections();
    });

    test("come only if HOWDAH_PLUGINS=official asks for them", async () => {
      await installPlugins(target, silent);
      expect([asked, sources()]).toEqual([[], ["stand-in", "stand-in"]]);
      process.env["HOWDAH_PLUGINS"] = "official";
      await installPlugins(target, silent);
      expect(plugins.map(inUse)).toEqual(plugins.map(contentOf));
      expect(asked.length).toBeGreaterThanOrEqual(2);
    });

    test("are refused by the engine if the checksum that the user gives is another archive's", async () => {
      const [plugin] = plugins;
      const sum = createHash("sha256")
        .update(readFileSync(archiveOf(plugin!)))
        .digest("hex");
      const env = { ...process.env, PULUMI_HOME: at.pulumiHome };
      const install = (checksum: string): Promise<Ended> => {
        const args = ["plugin", "install", "resource", plugin!.name, plugin!.version, "--checksum", checksum];
        return follow({ program: engine.path, args, env }, () => undefined);
      };
      const refused = await install(sum.replace(/^./, (digit) => (digit === "0" ? "1" : "0")));
      expect(refused.stderr).toMatch(/checksum/i);
      expect(installedIn(at.pulumiHome, plugin!)).toBeUndefined();
    });
  });

  test("are not what a broken-off installation has left", async () => {
    const [plugin] = plugins;
    await installFromFile(at.pulumiHome, plugin!);
    writeFileSync(join(at.pulumiHome, "plugins", `resource-${plugin!.name}-v${plugin!.version}.partial`), "");
    expect(installedIn(at.pulumiHome, plugin!)).toBeUndefined();
    expect(existsSync(at.pulumiHome)).toBe(true);
  });
});
