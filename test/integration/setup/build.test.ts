import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundles, isCurrent } from "../../../setup/build";
import { checkout } from "../../../lib/paths";
import { capture } from "../../../lib/process/attended";

const folder = (): string => mkdtempSync(join(tmpdir(), "tools-"));
const silent = { done: () => undefined, note: () => undefined, progress: () => undefined };

describe("bundles", () => {
  test("are executable, and made again only when a source changes", async () => {
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

  test("have the texts of files inside, and are made again when one changes", async () => {
    const root = folder();
    const bundle = { entry: "main.ts", output: `out/${root.split("/").at(-1) ?? ""}` };
    const helper = JSON.stringify(join(checkout, "lib", "text", "text-file"));
    writeFileSync(join(root, "one.sql"), "SELECT '$1 `${x}`\\n';\n");
    writeFileSync(
      join(root, "main.ts"),
      `import { textFile } from ${helper};\nconsole.log(textFile(__dirname, "one.sql"));\n`,
    );
    await buildBundles(silent, [bundle], root);
    const printed = () => capture({ program: join(root, bundle.output), args: [] }).stdout;
    expect(printed()).toBe("SELECT '$1 `${x}`\\n';\n");
    writeFileSync(join(root, "one.sql"), "SELECT 2222");
    expect(isCurrent(bundle, root)).toBe(false);
    await buildBundles(silent, [bundle], root);
    rmSync(join(root, "one.sql"));
    expect(printed()).toBe("SELECT 2222\n");
  });

  test("refuse a text whose file is known only at run time", async () => {
    const root = folder();
    const helper = JSON.stringify(join(checkout, "lib", "text", "text-file"));
    writeFileSync(
      join(root, "main.ts"),
      `import { textFile } from ${helper};\nconsole.log(textFile(__dirname, process.argv[2]!));\n`,
    );
    await expect(buildBundles(silent, [{ entry: "main.ts", output: "out/x" }], root)).rejects.toThrow("textFile needs");
  });
});
