import { chmodSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../lib/files";
import { buildGoProgram } from "./go-build";
import { checkout, isExecutable, type Locations } from "../lib/paths";
import type { Reporter } from "../lib/reporter";

const folder = join(checkout, "setup", "supercronic");

/** Version in a go.mod line such as `require example.com/a v1.2.3`. */
export const requiredVersion = (goMod: string, module: string): string =>
  new RegExp(`${module.replaceAll(".", "\\.")} (v\\S+)`).exec(goMod)?.[1] ?? "";

/** Where the cron runner of the backup schedule is, or has to be. */
export function supercronicPath(at: Locations): string {
  const version = requiredVersion(readText(join(folder, "go.mod")) ?? "", "github.com/aptible/supercronic");
  return join(at.programs, `supercronic-${version}`);
}

/** True when it needs no building. */
export const hasSupercronic = (at: Locations): boolean => isExecutable(supercronicPath(at));

/** Builds the cron runner if the service user can run it. */
export async function installSupercronic(at: Locations, reporter: Reporter): Promise<void> {
  const output = supercronicPath(at);
  await buildGoProgram({ folder, package: "github.com/aptible/supercronic", output }, reporter);
  chmodSync(output, 0o755);
}
