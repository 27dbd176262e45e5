import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../../../lib/paths";
import { capture, type Ended } from "../../../lib/process/attended";

/** A checkout whose command is a few lines. */
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "howdah-checkout-"));
  for (const part of ["bin", "lib", "setup/build.ts", "tsconfig.json", "package.json"])
    cpSync(join(checkout, part), join(root, part), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  mkdirSync(join(root, "cli"));
  writeSource("word.ts", 'export const word: string = "one";\n');
  writeSource("main.ts", 'import { word } from "./word";\n\nconsole.log(word, process.argv.slice(2).join(" "));\n');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function writeSource(name: string, text: string): void {
  writeFileSync(join(root, "cli", name), text);
}

const howdah = (...args: string[]): Ended => capture({ program: join(root, "bin", "howdah"), args, cwd: "/" });

const built = "· built .build/checkout.cjs\n";

test("the command of a checkout is bundled at its first run, and again once a source has changed", () => {
  expect(howdah("a", "b")).toEqual({ code: 0, stdout: "one a b\n", stderr: built });
  expect(howdah()).toEqual({ code: 0, stdout: "one \n", stderr: "" });
  writeSource("word.ts", 'export const word: string = "another";\n');
  expect(howdah()).toEqual({ code: 0, stdout: "another \n", stderr: built });
  expect(howdah()).toEqual({ code: 0, stdout: "another \n", stderr: "" });
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("what root bundles in a user's checkout, the user can bundle again", () => {
  const nobody = 65534;
  execFileSync("chown", ["-R", "--no-dereference", `${nobody}:${nobody}`, root]);
  expect(howdah().stdout).toBe("one \n");
  for (const path of [".build", ".build/checkout.cjs", ".build/.build-checkout.cjs.inputs.json"])
    expect([path, statSync(join(root, path)).uid]).toEqual([path, nobody]);
});

test("its errors name lines of the sources", () => {
  writeSource(
    "word.ts",
    '/** A word. */\n\nexport const word = ((): string => {\n  throw new Error("out of words");\n})();\n',
  );
  const { code, stderr } = howdah();
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/Error: out of words\n.*cli\/word\.ts:4:9/);
});

test("of sources that cannot be bundled it says so, and runs no older ones", () => {
  expect(howdah().code).toBe(0);
  writeSource("word.ts", "export const word = ;\n");
  const { code, stdout, stderr } = howdah();
  expect(code).not.toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/cli\/word\.ts:1:20: ERROR: Unexpected ";"/);
});
