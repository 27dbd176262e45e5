import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { abandonedLocks, isEngine, stackLocks } from "../../../../cli/engine/locks";

const lock = (pid: number, hostname = "here"): ReturnType<typeof stackLocks>[number] => ({
  pid,
  hostname,
  username: "u",
  timestamp: "2026-01-01T00:00:00Z",
});
const alive = (pid: number): boolean => pid < 100;

describe("locks of a killed engine", () => {
  test("are abandoned when their process is dead", () => {
    expect(abandonedLocks([lock(500)], "here", alive)).toHaveLength(1);
  });

  test("are left alone while one holder is alive or sits on another host", () => {
    expect(abandonedLocks([lock(500), lock(5)], "here", alive)).toEqual([]);
    expect(abandonedLocks([lock(500, "elsewhere")], "here", alive)).toEqual([]);
    expect(abandonedLocks([], "here", alive)).toEqual([]);
  });

  test("do not count another program with the same pid as an engine", () => {
    expect(isEngine(process.pid)).toBe(false);
  });

  test("are read from the backend, half-written ones left out", () => {
    const backend = mkdtempSync(join(tmpdir(), "locks-"));
    const folder = join(backend, ".pulumi/locks/organization/howdah/local");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "a.json"), JSON.stringify(lock(7)));
    writeFileSync(join(folder, "a.json.attrs"), "{}");
    writeFileSync(join(folder, "b.json"), '{"pid":');
    expect(stackLocks(backend, "organization/howdah/local")).toEqual([lock(7)]);
    expect(stackLocks(backend, "other")).toEqual([]);
  });
});
