import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../lib/paths";
import { ownSections, platformNames, platforms } from "../../../stacks/platforms";

/** What is shared by all platforms. `test` is not: it names platforms to try each. */
const shared = ["bench", "cli", "components", "contracts", "dev", "lib", "providers", "setup", "stacks"];

/** Where a platform may be named: its own folder, and the list of all. */
const mayName = (file: string): boolean => /^(components\/platforms\/[^/]+\/|stacks\/platforms\.ts$)/.test(file);

/** Lines outside that have the word in another sense, or cannot do without, with the reason. */
const exceptions: Readonly<Record<string, RegExp>> = {
  // The name of a stack.
  "cli/engine/environment.ts": /^export const defaultStack = "local";$/,
  // The kind of a stack's file: every platform whose servers run on a machine of their own writes this one.
  "contracts/stack-file.ts": /kind: (z\.literal\()?"local"/,
  // A graph shows regions, which it knows of AWS's resources alone.
  "dev/graph/program.ts": /region: settings\.aws\?\.region/,
};

/** Words by which code would tell platforms apart: the name as a text, or its section of the settings. */
const branch = (name: string): RegExp =>
  new RegExp(`["'\`]${name}["'\`]|\\b(settings|given|sections)\\??\\.${name}\\b`);

const sources = shared.flatMap((folder) =>
  readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith(".ts") && !mayName(file)),
);

/** Lines of a source that name a platform, without comments. */
const linesThatName = (text: string, names: readonly string[]): string[] =>
  text
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .filter((line) => names.some((name) => branch(name).test(line)));

test("no shared code tells platforms apart by their names", () => {
  expect(sources.length).toBeGreaterThan(250);
  const found = sources.flatMap((file) =>
    linesThatName(readFileSync(join(checkout, file), "utf8"), platformNames)
      .filter((line) => exceptions[file]?.test(line) !== true)
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test("control: such a branch is found, and each exception is still needed", () => {
  const text =
    'const a = settings.platform === "local";\nconst b = settings.aws?.region;\nconst c = "locally"; // "aws"';
  expect(linesThatName(text.replace(/ \/\/.*/, ""), platformNames)).toHaveLength(2);
  for (const [file, line] of Object.entries(exceptions))
    expect(linesThatName(readFileSync(join(checkout, file), "utf8"), platformNames).join("\n")).toMatch(
      new RegExp(line.source, "m"),
    );
});

test("a platform is a folder, whose definition has the folder's name, and a row", async () => {
  const folders = readdirSync(join(checkout, "components", "platforms"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.sort()).toEqual([...platformNames].sort());
  for (const name of platformNames) {
    const file = join(checkout, "components", "platforms", name, "platform.ts");
    expect(existsSync(file)).toBe(true);
    const definitions = (await import(file)) as Record<string, unknown>;
    expect(definitions[name]).toBe(platforms.find((one) => one.name === name));
  }
});

test("a section belongs to one platform, and each that a platform requires is a section of it", () => {
  const keys = ownSections.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { sections, required } of platforms)
    expect(Object.keys(sections)).toEqual(expect.arrayContaining([...required]));
});
