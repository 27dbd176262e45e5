import { copyFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../lib/files";
import { buildGoProgram } from "../go-build";
import { checkout, isExecutable, type Locations } from "../../lib/paths";
import type { Reporter } from "../../lib/reporter";
import type { Engine } from "./types";
import { oldestEngine, ourEngine } from "./version";
import { fingerprint } from "../../lib/text/hash";

const modules = {
  cli: join(checkout, "setup", "engine", "cli"),
  host: join(checkout, "setup", "engine", "language-nodejs"),
};

const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** Version of the last module that held the language host; newer ones are not on the module proxy by themselves. */
const hostVersion = "3.60.0";

/** Dynamic providers of Node programs: ships in the npm package and has to be on PATH. */
const dynamicProvider = "pulumi-resource-pulumi-nodejs";

function folderOf(at: Locations): string {
  const sums = [modules.cli, modules.host].map((folder) => readFileSync(join(folder, "go.sum")));
  return join(at.cache, "engine", `built-${ourEngine}-${fingerprint(...sums)}`);
}

/** The engine that was built here before, if it was finished. */
export function builtEngine(at: Locations): Engine | undefined {
  const path = join(folderOf(at), "pulumi");
  if (!existsSync(join(folderOf(at), "complete")) || !isExecutable(path)) return undefined;
  return { path, version: ourEngine, source: "built from its Go modules" };
}

/** Builds the engine and its language host. Interrupted, it goes on from Go's build cache. */
export async function buildEngine(at: Locations, reporter: Reporter): Promise<Engine> {
  const folder = folderOf(at);
  const path = join(folder, "pulumi");
  const host = join(folder, "pulumi-language-nodejs");
  reporter.note(`building the Pulumi engine v${ourEngine} from its Go modules: once, about 5 minutes on 2 cores`);
  const alternative = `Pulumi ${oldestEngine} or newer (https://www.pulumi.com/docs/install)`;
  const cli = { folder: modules.cli, package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", alternative };
  if (!isExecutable(path))
    await buildGoProgram({ ...cli, ldflags: `-X ${versionVariable}=v${ourEngine}`, output: path }, reporter);
  const language = {
    folder: modules.host,
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    alternative,
  };
  await buildGoProgram({ ...language, ldflags: `-X ${versionVariable}=v${hostVersion}`, output: host }, reporter);
  copyFileSync(join(checkout, "node_modules", "@pulumi", "pulumi", dynamicProvider), join(folder, dynamicProvider));
  chmodSync(join(folder, dynamicProvider), 0o755);
  writeWhole(join(folder, "complete"), `${new Date().toISOString()}\n`);
  return { path, version: ourEngine, source: "built from its Go modules" };
}
