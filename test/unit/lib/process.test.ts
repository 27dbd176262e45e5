import { capture, follow } from "../../../lib/process";

describe("running programs", () => {
  it("hands over lines as they come and keeps the end for errors", async () => {
    const lines: string[] = [];
    const command = { program: "sh", args: ["-c", "echo one; echo two >&2; exit 3"] };
    const ended = await follow(command, (line) => lines.push(line));
    expect(ended.code).toBe(3);
    expect(lines.sort()).toEqual(["one", "two"]);
    expect(ended.stderr).toContain("two");
  });

  it("ends a program and its children at the time limit", async () => {
    const started = Date.now();
    const ended = await follow({ program: "sh", args: ["-c", "sleep 30 & wait"], timeout: 200 }, () => undefined);
    expect(ended.code).not.toBe(0);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  it("gives a program of another user no terminal to type on", () => {
    const session = (ownSession: boolean): string[] =>
      capture({ program: "ps", args: ["-o", "pid=,sid=", "--ppid", String(process.pid)], ownSession })
        .stdout.trim()
        .split(/\s+/);
    const [pid, sid] = session(true);
    expect(sid).toBe(pid);
    const [other, inherited] = session(false);
    expect(inherited).not.toBe(other);
  });

  it("reports a program that does not exist as a failure", async () => {
    expect(capture({ program: "/no/such", args: [] })).toMatchObject({ code: 1, stdout: "" });
    expect((await follow({ program: "/no/such", args: [] }, () => undefined)).code).toBe(1);
  });
});
