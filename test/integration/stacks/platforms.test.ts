import { build } from "esbuild";
import { checkout } from "../../../lib/paths";
import { platformNames } from "../../../stacks/platforms";

/** Packages that are loaded with a source file, by what it and those that it loads import. */
async function packagesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    packages: "external",
    metafile: true,
    logLevel: "silent",
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  return [...new Set(imports.filter(({ external }) => external === true).map(({ path }) => path))];
}

test("the list of platforms loads no SDK: a stack loads those of its own platform only", async () => {
  const sdk = (packages: readonly string[]) => packages.filter((name) => name.startsWith("@pulumi/")).length > 0;
  expect(sdk(await packagesOf("stacks/platforms.ts"))).toBe(false);
  expect(sdk(await packagesOf("stacks/config/settings.ts"))).toBe(false);
  for (const name of platformNames) expect(sdk(await packagesOf(`components/platforms/${name}/adapter.ts`))).toBe(true);
  expect(await packagesOf("components/platforms/aws/adapter.ts")).toContain("@pulumi/aws/provider");
  expect(
    (await packagesOf("components/platforms/local/adapter.ts")).filter((name) => /aws|kubernetes/.test(name)),
  ).toEqual([]);
});
