import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../lib/child";

const folder = mkdtempSync(join(tmpdir(), "howdah-process-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("an aborted program is waited for, whatever it does until it ends", async () => {
  const abort = new AbortController();
  const last = join(folder, "last");
  const script = `trap 'sleep 0.3; touch ${last}; exit 1' TERM; echo ready; while :; do sleep 0.05; done`;
  const running = run({ command: ["sh", "-c", script], signal: abort.signal }, () => {
    abort.abort(new Error("enough"));
  });
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(existsSync(last)).toBe(true);
});

test("one that cannot be started, or is not wanted any more, is an error at once", async () => {
  await expect(run({ command: ["/no/such/program"] })).rejects.toThrow("/no/such/program failed (127)");
  await expect(run({ command: ["true"], signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});
