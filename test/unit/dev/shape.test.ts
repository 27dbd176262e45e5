import { Linter } from "eslint";
import { imports } from "../../../dev/import-rules";
import { circlesOf, importsOf, readSources, shapeOf, type Sources } from "../../../dev/shape";
import { checkout } from "../../../lib/paths";

const sources = (files: Record<string, string>): Sources => new Map(Object.entries(files));

const tree = readSources();

describe("the tree", () => {
  test("has no circle of imports", () => {
    expect(shapeOf(tree).circles).toEqual([]);
  });

  test("has no import against the direction, and no folder without a rule", () => {
    const { forbidden, unruled } = shapeOf(tree);
    expect({ forbidden, unruled }).toEqual({ forbidden: [], unruled: [] });
  });

  test("has no word that the glossary replaces", () => {
    expect(shapeOf(tree).words).toEqual([]);
  });
});

describe("control", () => {
  test("a word that the glossary replaces is counted, except in tests", () => {
    const text = "// Nobody reads it; nobody writes it.";
    expect(shapeOf(sources({ "lib/a.ts": text, "test/a.ts": text })).words).toEqual([["nobody", 2]]);
  });

  test("imports are found: of values, of types, of what is loaded later, and those that only pass on", () => {
    const text = [
      'import { a } from "./a";',
      'import type { b } from "../lib/b";',
      'const c = await import("./c.js");',
      'export * from "./d";',
      'import "./e";',
      'import zod from "zod";',
    ].join("\n");
    const others = ["cli/a.ts", "lib/b.ts", "cli/c.ts", "cli/d.ts", "cli/e.ts"];
    const all = sources({ "cli/main.ts": text, ...Object.fromEntries(others.map((path) => [path, ""])) });
    expect(importsOf("cli/main.ts", all)).toEqual(others);
  });

  test("a circle is found, and a diamond is none", () => {
    const circle = {
      "lib/a.ts": 'import "./b";',
      "lib/b.ts": 'import "./c";',
      "lib/c.ts": 'import type { A } from "./a";',
      "lib/d.ts": 'import "./a";',
    };
    expect(circlesOf(sources(circle))).toEqual([["lib/a.ts", "lib/b.ts", "lib/c.ts"]]);
    const diamond = {
      "lib/a.ts": 'import "./b"; import "./c";',
      "lib/b.ts": 'import "./d";',
      "lib/c.ts": 'import "./d";',
    };
    expect(circlesOf(sources({ ...diamond, "lib/d.ts": "" }))).toEqual([]);
  });

  test("an import against the direction and a folder without a rule are found", () => {
    const shape = shapeOf(sources({ "lib/a.ts": 'import "../stacks/b";', "stacks/b.ts": "", "tools/c.ts": "" }));
    expect(shape.forbidden).toEqual(["lib/a.ts → stacks/b.ts"]);
    expect(shape.unruled).toEqual(["tools"]);
  });

  test.each([
    ["lib/a.ts", 'import "../stacks/b";', 1],
    ["lib/a.ts", 'export { b } from "../cli/b";', 1],
    ["lib/a.ts", 'void import("../setup/b");', 1],
    ["cli/drill/a.ts", 'import "../../lib/b"; import "../engine/b"; import "zod";', 0],
    ["providers/host/a.ts", 'import "../stand-ins/b";', 1],
  ])("ESLint judges %s: %s", (path, text, problems) => {
    const config = {
      files: ["**/*.ts"],
      plugins: { howdah: { rules: { imports } } },
      rules: { "howdah/imports": 2 },
    };
    const found = new Linter({ cwd: checkout }).verify(text, [config as Linter.Config], `${checkout}/${path}`);
    expect(found.map(({ ruleId }) => ruleId)).toEqual(Array.from({ length: problems }, () => "howdah/imports"));
  });
});
