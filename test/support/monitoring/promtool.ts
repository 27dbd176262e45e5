import { isExecutable, onPath } from "../../../lib/paths";
import { capture, type Ended } from "../../../lib/process/attended";

const usual = "/usr/bin/promtool";

/** The one on PATH, or Debian's. @throws with what to install */
export function promtool(): string {
  const found = onPath("promtool") ?? (isExecutable(usual) ? usual : undefined);
  if (found === undefined) throw new Error("promtool, which checks rules, is missing: apt-get install prometheus");
  return found;
}

/** Runs it in a folder. */
export const runPromtool = (args: readonly string[], folder: string): Ended =>
  capture({ program: promtool(), args, cwd: folder });
