import { readFileSync } from "node:fs";
import { registry } from "../../../cli/registry";
import { commandsFile, commandsText, readmeFile, readmeText, verbTable } from "../../../dev/commands";
import { flagsOf } from "../../../cli/program";

test("docs/commands.md is in step with the registry (else: npm run commands)", () => {
  expect(readFileSync(commandsFile, "utf8")).toBe(commandsText());
});

test("the verbs in README.md are in step with the registry (else: npm run commands)", () => {
  const text = readFileSync(readmeFile, "utf8");
  expect(text).toBe(readmeText(text));
});

test("control: a README without its marks is no README to write", () => {
  expect(() => readmeText("# howdah\n")).toThrow("marks");
});

test("both have every public verb, and docs/commands.md each of its options", () => {
  const text = commandsText();
  for (const { name, group, options } of registry) {
    const isPublic = group !== "internal";
    expect([name, text.includes(`### howdah ${name}\n`)]).toEqual([name, isPublic]);
    expect([name, verbTable().includes(`| \`howdah ${name}\` |`)]).toEqual([name, isPublic]);
    if (isPublic)
      for (const [key, spec] of Object.entries(options)) expect(text).toContain(`\`${flagsOf(key, spec)}\``);
  }
});
