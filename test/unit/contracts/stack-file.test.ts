import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type StackFile, stackFileSchema } from "../../../contracts/stack-file";
import { checkout } from "../../../lib/paths";
import { localJob } from "../../support/servers/backups/local-job";

const remote = () => {
  const { stack, postgresBin, tiers, logical, objectives } = localJob("/x");
  return {
    ...{ kind: "remote", stack, postgresBin, tiers, logical, objectives },
    server: { host: "db", port: 5432, ca: "/ca", user: "u", auth: { iam: { region: "r" } } },
    databases: ["app"],
    folders: { work: "/w" },
  };
};
const read = (file: object): StackFile => stackFileSchema.parse(file);

test("a file says which kind it is; without a kind, as in every local stack, it is a local one", () => {
  const { kind, ...withoutKind } = localJob("/x");
  expect(kind).toBe("local");
  expect(read(withoutKind)).toEqual(localJob("/x"));
  expect(read(localJob("/x")).kind).toBe("local");
  expect(read(remote()).kind).toBe("remote");
});

test.each([
  ["of no known kind", { ...remote(), kind: "other" }],
  ["of a local stack with a word too many", { ...localJob("/x"), surprise: 1 }],
  ["of a cloud's stack that says it is local", { ...remote(), kind: "local" }],
  ["that is no mapping", []],
])("a file %s is refused", (_what, file) => {
  expect(stackFileSchema.safeParse(file).success).toBe(false);
});

test("what two processes agree on depends on neither: contracts import lib only", () => {
  const folder = join(checkout, "contracts");
  const imports = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), "utf8").matchAll(/ from "(\.[^"]*)"/g)].map(([, path = ""]) =>
        relative(checkout, join(folder, dirname(file), path)),
      ),
    );
  expect(imports.length).toBeGreaterThan(2);
  for (const path of imports) expect(path).toMatch(/^(lib|contracts)\//);
});
