import { Linter } from "eslint";
import { imports } from "../../../../dev/import-rules";
import { circlesOf, importsOf } from "../../../../dev/shape/imports";
import { exceptions, linesThatName, namingLines } from "../../../../dev/shape/platform-names";
import { shapeOf } from "../../../../dev/shape/shape";
import { placesOf, singles } from "../../../../dev/shape/singles";
import { readSources, type Sources } from "../../../../dev/shape/sources";
import { checkout } from "../../../../lib/paths";
import { platformNames } from "../../../../stacks/platforms";

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

  test("runs programs, waits and quotes SQL in one place each", () => {
    expect(shapeOf(tree).places).toEqual(Object.fromEntries(singles.map(({ name, home }) => [name, [home]])));
  });

  test("has no word that the glossary replaces", () => {
    expect(shapeOf(tree).words).toEqual([]);
  });

  test("tells platforms apart by their names in no shared code", () => {
    expect(shapeOf(tree).platformBranches).toEqual([]);
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
    ["runners of programs", 'import { type ChildProcess, spawn } from "node:child_process";', true],
    ["runners of programs", 'import {\n  spawn,\n} from "child_process";', true],
    ["runners of programs", 'import type { StdioOptions } from "node:child_process";', false],
    ["waits and retries", 'import { setTimeout as sleep } from "node:timers/promises";', true],
    ["waits and retries", "await new Promise((resolve) => setTimeout(resolve, 20));", true],
    ["waits and retries", "setTimeout(() => {\n  reject(new Error());\n}, 20)", true],
    ["waits and retries", "while (performance.now() < end) {", true],
    ["waits and retries", "setTimeout(kill, 20)", false],
    ["quoters of SQL", `\`'\${text.replaceAll("'", "''")}'\``, true],
    ["quoters of SQL", `text.replace(/"/g, '""')`, true],
    ["quoters of SQL", "client.escapeLiteral(text)", true],
    ["quoters of SQL", `text === "" ? '' : literal(text)`, false],
  ])("of %s: %s", (kind, text, found) => {
    const single = singles.find(({ name }) => name === kind)!;
    expect(placesOf(single, sources({ "cli/a.ts": text }))).toEqual(found ? ["cli/a.ts"] : []);
  });

  test("a branch on a platform's name is found, and each exception is still needed", () => {
    const text = 'a = settings.platform === "local";\nb = settings.aws?.region;\nc = "locally";\n// "aws"';
    const found = ['cli/a.ts: a = settings.platform === "local";', "cli/a.ts: b = settings.aws?.region;"];
    expect(namingLines(sources({ "cli/a.ts": text }), platformNames)).toEqual(found);
    for (const [file, line] of Object.entries(exceptions))
      expect(linesThatName(tree.get(file)!, platformNames).join("\n")).toMatch(new RegExp(line.source, "m"));
  });

  test.each([
    ["lib/a.ts", 'import "../stacks/b";', 1],
    ["lib/a.ts", 'export { b } from "../cli/b";', 1],
    ["lib/a.ts", 'void import("../setup/b");', 1],
    ["cli/drill/a.ts", 'import "../../lib/b"; import "../engine/b"; import "zod";', 0],
    ["providers/host/a.ts", 'import "../stand-ins/b";', 1],
    ["components/platforms/local/a.ts", 'import "../aws/b"; import "../define";', 1],
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
