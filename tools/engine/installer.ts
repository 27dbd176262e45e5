import { join } from "node:path";
import { emptyFolder } from "../files";
import { isExecutable, onPath, type Locations } from "../paths";
import { capture, follow } from "../process";
import type { Voice } from "../say";
import type { Engine } from "./engine";
import { ourEngine } from "./version";

const script = "https://get.pulumi.com";

const folderOf = (at: Locations): string => join(at.cache, "engine", `official-${ourEngine}`);

/** What the official installer has put into the cache, if it has. */
export function installedEngine(at: Locations): Engine | undefined {
  const bin = join(folderOf(at), "bin");
  // The language host is unpacked after the engine: with both, the archive was unpacked.
  const whole = isExecutable(join(bin, "pulumi")) && isExecutable(join(bin, "pulumi-language-nodejs"));
  return whole ? { path: join(bin, "pulumi"), version: ourEngine, source: "official installer" } : undefined;
}

/** Runs the official installer into the cache; undefined when its host does not answer within seconds or it fails. */
export async function tryInstaller(at: Locations, voice: Voice): Promise<Engine | undefined> {
  const curl = onPath("curl");
  if (curl === undefined) return undefined;
  const saved = join(emptyFolder(folderOf(at)), "install.sh");
  const limits = ["--connect-timeout", "4", "--max-time", "10"];
  const fetched = capture({ program: curl, args: ["-fsSL", ...limits, "-o", saved, script], timeout: 12_000 });
  if (fetched.code !== 0) {
    voice.note("the official installer of Pulumi cannot be reached from here: building the engine from its Go modules");
    return undefined;
  }
  const args = [saved, "--version", ourEngine, "--install-root", folderOf(at), "--no-edit-path"];
  const ended = await follow({ program: "sh", args, timeout: 300_000 }, (line) => {
    voice.progress(`official installer: ${line.trim()}`);
  });
  const engine = installedEngine(at);
  if (engine === undefined)
    voice.note(`the official installer of Pulumi failed (${ended.code}): building the engine instead`);
  return engine;
}
