import { fstatSync } from "node:fs";

/** True if standard input is a pipe: the engine's end is closed when it ends, however it ends. */
function isPiped(): boolean {
  const input = fstatSync(0);
  return input.isFIFO() || input.isSocket();
}

/**
 * Calls `gone` once the engine has ended without stopping us, by SIGKILL for one. It starts each plugin with a pipe as standard input,
 * and writes nothing into it (sdk/go/common/resource/plugin, `execPlugin`). A plugin that was started manually has no such pipe.
 */
export function onEngineGone(gone: () => void): void {
  if (!isPiped()) return;
  process.stdin.once("end", gone).once("error", gone).resume();
}
