import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundles, isCurrent } from "../../../setup/build";
import { capture } from "../../../lib/process";

const folder = (): string => mkdtempSync(join(tmpdir(), "tools-"));
const silent = { done: () => undefined, note: () => undefined, progress: () => undefined };

describe("bundles", () => {
  it("are executable, and made again only when a source changes", async () => {
    const root = folder();
    const bundle = { entry: "main.ts", output: `out/${root.split("/").at(-1) ?? ""}` };
    writeFileSync(join(root, "part.ts"), 'export const word: string = "one";');
    writeFileSync(join(root, "main.ts"), 'import { word } from "./part"; console.log(word);');
    expect(isCurrent(bundle, root)).toBe(false);
    await buildBundles(silent, [bundle], root);
    expect(capture({ program: join(root, bundle.output), args: [] }).stdout).toBe("one\n");
    expect(isCurrent(bundle, root)).toBe(true);
    writeFileSync(join(root, "part.ts"), 'export const word: string = "three";');
    expect(isCurrent(bundle, root)).toBe(false);
    rmSync(join(root, "out"), { recursive: true });
    expect(isCurrent(bundle, root)).toBe(false);
  });
});
