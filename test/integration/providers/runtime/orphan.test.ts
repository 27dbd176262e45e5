import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundles, buildBundles } from "../../../../setup/build";
import { engineFolder, findEngine } from "../../../../setup/engine/engine";
import { checkout, locations } from "../../../../lib/paths";
import { typescript } from "../../../support/typescript";

jest.setTimeout(300_000);

const silent = { done: () => undefined, note: () => undefined, progress: () => undefined };
const plugins = bundles.filter(({ output }) => output.includes("pulumi-resource-"));
let folder: string;
let children: ChildProcess[];

beforeAll(() => buildBundles(silent, plugins));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "howdah-orphan-"));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Starts a process of ours; with `input` a pipe, as the engine has it. */
function start(words: readonly string[], input: "pipe" | "ignore" = "pipe"): ChildProcess {
  const child = spawn(process.execPath, words, { stdio: [input, "pipe", "inherit"], cwd: checkout });
  children.push(child);
  return child;
}

/** Waits for the port that a plugin prints. */
async function served(child: ChildProcess): Promise<void> {
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  expect(line.toString()).toMatch(/^\d+\n$/);
}

const ended = async (child: ChildProcess): Promise<unknown> =>
  child.exitCode ?? child.signalCode ?? ((await once(child, "exit")) as [unknown])[0];

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

describe.each(plugins)("the plugin $output", ({ output }) => {
  test("ends when the other end of its input is closed, as by the death of the engine", async () => {
    const child = start([join(checkout, output), "127.0.0.1:1"]);
    await served(child);
    child.stdin!.destroy();
    expect(await ended(child)).toBe(1);
  });

  test("control: it does not if it was started manually, without an engine or without a pipe", async () => {
    const byHand = start([join(checkout, output)]);
    const withoutPipe = start([join(checkout, output), "127.0.0.1:1"], "ignore");
    await Promise.all([served(byHand), served(withoutPipe)]);
    byHand.stdin!.destroy();
    // One that ends by its input ends meanwhile.
    const reference = start([join(checkout, output), "127.0.0.1:1"]);
    await served(reference);
    reference.stdin!.destroy();
    await ended(reference);
    expect([byHand.exitCode, withoutPipe.exitCode]).toEqual([null, null]);
  });
});

/** A plugin whose only resource takes forever, and whose cancelled work says so in a file. */
const endless = `
import { z } from "zod";
import { writeFileSync } from "node:fs";
import { main } from "${join(checkout, "providers/runtime/server")}";
import { resource } from "${join(checkout, "providers/runtime/resource")}";
const endless = resource({
  schema: z.strictObject({ notes: z.string() }),
  diff: () => [],
  create: ({ notes }, { signal }) => {
    writeFileSync(notes + "/began", String(process.pid));
    const timer = setInterval(() => undefined, 1000);
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => { clearInterval(timer); writeFileSync(notes + "/cancelled", ""); reject(signal.reason); });
    });
  },
  read: (old) => Promise.resolve(old.state),
  update: (_old, news) => Promise.resolve(news),
  delete: () => Promise.resolve(),
});
main({ name: "endless", version: "1.0.0", resources: { "endless:index:Endless": endless } });
`;

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("a real engine that is killed in the middle of an up leaves no plugin, and its work is cancelled", async () => {
  const engine = findEngine(locations(), silent);
  if (engine === undefined) throw new Error("no engine on this machine: run `make setup`");
  const script = join(folder, "pulumi-resource-endless");
  writeFileSync(join(folder, "endless.ts"), endless);
  const words = [process.execPath, ...typescript, join(folder, "endless.ts")].map((word) => `'${word}'`).join(" ");
  writeFileSync(script, `#!/bin/sh\ncd '${checkout}' && exec ${words} "$@"\n`, { mode: 0o755 });
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    `name: toy\nruntime: nodejs\nplugins: {providers: [{name: endless, path: ${folder}}]}\n`,
  );
  writeFileSync(
    join(folder, "index.js"),
    `new (require("@pulumi/pulumi").CustomResource)("endless:index:Endless", "one", { notes: ${JSON.stringify(folder)} });\n`,
  );
  writeFileSync(join(folder, "package.json"), '{"main": "index.js"}');
  const began = (): number | undefined => {
    if (!readdirSync(folder).includes("began")) return undefined;
    return Number(readFileSync(join(folder, "began"), "utf8")) || undefined;
  };
  const env = {
    ...process.env,
    PATH: `${engineFolder(engine)}:${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "word",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const options: SpawnOptions = { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync(engine.path, ["stack", "init", "toy"], { cwd: folder, env, stdio: "ignore" });
  const up = spawn(engine.path, ["up", "--yes", "--skip-preview", "--stack", "toy", "--non-interactive"], options);
  children.push(up);
  const plugin = await until(began);
  expect(isAlive(plugin)).toBe(true);
  up.kill("SIGKILL");
  await ended(up);
  await until(() => (isAlive(plugin) ? undefined : true));
  expect(readdirSync(folder)).toContain("cancelled");
});
