import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locations } from "../../../../lib/paths";
import { ensureStack, type ManagedSession } from "../../../../cli/engine/managed";

// Stands in for an engine that makes no stack.
jest.mock("../../../../lib/process/attended", () => ({ capture: () => ({ code: 1, stdout: "", stderr: "" }) }));

const silent = { done: () => undefined, note: () => undefined, progress: () => undefined };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "howdah-managed-"));
  writeFileSync(join(root, "mine.yaml"), "config:\n  howdah:platform: local\n");
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A session on a config from elsewhere. */
const session = (stack: string): ManagedSession => ({
  stack,
  engine: "/no/engine",
  environment: {},
  at: locations({ HOWDAH_STATE_ROOT: root }, { uid: 0, home: root }),
  backend: join(root, "backend"),
  source: join(root, "mine.yaml"),
  config: "config:\n  howdah:platform: local\n",
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
