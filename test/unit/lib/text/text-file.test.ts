import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { checkout } from "../../../../lib/paths";
import { textFile } from "../../../../lib/text/text-file";

const folders = ["cli", "components", "contracts", "lib", "providers", "stacks"];

const files = folders
  .flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  )
  .filter((name) => statSync(join(checkout, name)).isFile());

/** The files that the calls in a module name. */
const namedIn = (module: string): string[] =>
  [...readFileSync(join(checkout, module), "utf8").matchAll(/\btextFile\(__dirname, "([^"]+)"\)/g)].map(([, name]) =>
    join(dirname(module), name!),
  );

test("every text belongs to a module, and every name of a module to a text", () => {
  const named = files.filter((name) => name.endsWith(".ts") && name !== "lib/text/text-file.ts").flatMap(namedIn);
  // Users apply the helpers with psql.
  const texts = files.filter((name) => /\.(sql|sh)$/.test(name) && !name.startsWith("components/postgres/helpers/"));
  expect([...new Set(named)].sort()).toEqual(texts.sort());
});

test("a text comes without the newline at its end", () => {
  const script = relative(__dirname, join(checkout, "components/platforms/local/postgres/postgres.sh"));
  expect(textFile(__dirname, script)).toMatch(/^#!\/bin\/sh\n[^]*"\$@"$/);
});
