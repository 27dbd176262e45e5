import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../lib/paths";
import { ownSections, platformNames, platforms } from "../../../stacks/platforms";

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
