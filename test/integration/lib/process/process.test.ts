import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, follow } from "../../../../lib/process/attended";
import { run } from "../../../../lib/process/task";

const folder = mkdtempSync(join(tmpdir(), "howdah-process-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("running programs", () => {
  test("hands over lines as they come and keeps the end for errors", async () => {
    const lines: string[] = [];
    const command = { program: "sh", args: ["-c", "echo one; echo two >&2; exit 3"] };
    const ended = await follow(command, (line) => lines.push(line));
    expect(ended.code).toBe(3);
    expect(lines.sort()).toEqual(["one", "two"]);
    expect(ended.stderr).toContain("two");
  });

  test("ends a program and its children at the time limit", async () => {
    const started = Date.now();
    const ended = await follow({ program: "sh", args: ["-c", "sleep 30 & wait"], timeout: 200 }, () => undefined);
    expect(ended.code).not.toBe(0);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test("gives a program of another user no terminal to type on", () => {
    const session = (ownSession: boolean): string[] =>
      // Without `ps`, which not every machine has: the sixth field is the session.
      capture({ program: "sh", args: ["-c", "echo $$ $(cut -d' ' -f6 /proc/$$/stat)"], ownSession })
        .stdout.trim()
        .split(/\s+/);
    const [pid, sid] = session(true);
    expect(sid).toBe(pid);
    const [other, inherited] = session(false);
    expect(inherited).not.toBe(other);
  });

  test("reports a program that does not exist as a failure", async () => {
    expect(capture({ program: "/no/such", args: [] })).toMatchObject({ code: 1, stdout: "" });
    expect((await follow({ program: "/no/such", args: [] }, () => undefined)).code).toBe(1);
  });
});

test("an aborted program is waited for, whatever it does until it ends", async () => {
  const abort = new AbortController();
  const last = join(folder, "last");
  const script = `trap 'sleep 0.3; touch ${last}; exit 1' TERM; echo ready; while :; do sleep 0.05; done`;
  const running = run({ program: "sh", args: ["-c", script], signal: abort.signal }, () => {
    abort.abort(new Error("enough"));
  });
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(existsSync(last)).toBe(true);
});

test("one that cannot be started, or is not wanted any more, is an error at once", async () => {
  await expect(run({ program: "/no/such/program" })).rejects.toThrow("/no/such/program failed (127)");
  await expect(run({ program: "true", signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});

test("a run gives the output without its last newline, and what was said if it fails", async () => {
  await expect(run({ program: "sh", args: ["-c", "printf 'one\\ntwo\\n\\n'"] })).resolves.toBe("one\ntwo\n");
  await expect(run({ program: "cat", input: "é" })).resolves.toBe("é");
  const failing = run({ program: "sh", args: ["-c", "echo out; seq 20 >&2; exit 3"] });
  await expect(failing).rejects.toMatchObject({ code: 3, output: expect.stringMatching(/^1\n/) as string });
  await expect(failing).rejects.toThrow(/^sh failed \(3\): 9\n.*20$/s);
});

test("a run ends at its time limit", async () => {
  const started = Date.now();
  await expect(run({ program: "sleep", args: ["30"], timeout: 200 })).rejects.toMatchObject({ code: "SIGKILL" });
  expect(Date.now() - started).toBeLessThan(10_000);
});
