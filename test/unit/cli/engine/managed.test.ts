import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEngine } from "../../../../setup/engine/engine";
import { locations } from "../../../../lib/paths";
import { capture } from "../../../../lib/process";
import { engineLeftovers, ensureStack, type ManagedSession } from "../../../../cli/engine/managed";

const silent = { done: () => undefined, note: () => undefined, progress: () => undefined };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "howdah-managed-"));
  writeFileSync(join(root, "mine.yaml"), "config:\n  howdah:platform: local\n");
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A session on a config from elsewhere; its engine makes no stack. */
const session = (stack: string): ManagedSession => ({
  stack,
  engine: "/bin/false",
  environment: {},
  at: locations({ HOWDAH_STATE_ROOT: root }, { uid: 0, home: root }),
  backend: join(root, "backend"),
  source: join(root, "mine.yaml"),
  reporter: silent,
});

describe("a stack of this machine from another config file", () => {
  test("is not made under a name that the checkout keeps for another platform", () => {
    expect(() => {
      ensureStack(session("staging"));
    }).toThrow(
      /stack "staging" cannot be created on this machine: .*Pulumi\.staging\.yaml reserves that name.*--stack/s,
    );
    expect(readdirSync(root)).toEqual(["mine.yaml"]);
  });

  test.each(["local", "mine"])("is made under the name %s", (name) => {
    expect(() => {
      ensureStack(session(name));
    }).toThrow(`stack "${name}" could not be created`);
  });
});

describe("what the engine keeps of a stack that was removed", () => {
  const found = findEngine(locations(), silent);
  if (found === undefined) throw new Error("no engine on this machine: run `make setup`");

  const known = (stack: string) => ({ backend: join(root, "backend"), stack });

  function engine(...args: string[]): void {
    const backend = known("").backend;
    const env = { ...process.env, PULUMI_HOME: join(root, "home"), PULUMI_BACKEND_URL: `file://${backend}` };
    const ended = capture({
      program: found!.path,
      args: [...args, "--non-interactive"],
      cwd: root,
      env: { ...env, PULUMI_CONFIG_PASSPHRASE: "word", PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    if (ended.code !== 0) throw new Error(ended.stderr);
  }

  /** Makes a stack with a state in which there is a word, and changes it twice. */
  function makeStack(stack: string, word: string): void {
    engine("stack", "init", stack, "--no-select");
    for (const turn of [1, 2]) {
      const urn = `urn:pulumi:${stack}::howdah::pulumi:pulumi:Stack::howdah-${stack}`;
      const resources = [{ urn, custom: false, type: "pulumi:pulumi:Stack", outputs: { word: `${word}-${turn}` } }];
      const deployment = { manifest: { time: new Date().toISOString(), magic: "", version: "" }, resources };
      writeFileSync(join(root, "state.json"), JSON.stringify({ version: 3, deployment }));
      engine("stack", "import", "--stack", stack, "--force", "--file", join(root, "state.json"));
    }
  }

  const holders = (word: string): string[] =>
    readdirSync(known("").backend, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path, "utf8").includes(word));

  test("goes with it, and other stacks keep theirs", () => {
    mkdirSync(known("").backend);
    writeFileSync(join(root, "Pulumi.yaml"), "name: howdah\nruntime: nodejs\n");
    makeStack("one", "secret-of-the-first");
    makeStack("one-more", "secret-of-the-second");
    const others = holders("secret-of-the-second");
    engine("stack", "rm", "one", "--yes", "--force", "--preserve-config");
    // Control: the engine itself leaves old states.
    expect(holders("secret-of-the-first")).not.toEqual([]);
    for (const path of engineLeftovers(known("one"))) rmSync(path, { recursive: true, force: true });
    expect(holders("secret-of-the-first")).toEqual([]);
    expect(holders("secret-of-the-second")).toEqual(others);
    expect(others).not.toEqual([]);
  }, 60_000);
});
