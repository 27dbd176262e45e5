import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readText, writeOnce, writeWhole } from "../../../lib/files";

const folder = (): string => mkdtempSync(join(tmpdir(), "tools-"));

describe("files", () => {
  test("are written whole with the mode asked for, and left alone when equal", () => {
    const path = join(folder(), "deep", "file");
    writeWhole(path, "a", 0o600);
    utimesSync(path, 1, 1);
    writeWhole(path, "a", 0o600);
    expect(statSync(path).mtimeMs).toBe(1000);
    writeWhole(path, "b", 0o600);
    expect(readFileSync(path, "utf8")).toBe("b");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("are written once: the second finds what the first has written, and nothing stays next to it", () => {
    const at = folder();
    for (const content of ["a", "b"]) writeOnce(join(at, "file"), content, 0o600);
    expect(readFileSync(join(at, "file"), "utf8")).toBe("a");
    expect(statSync(join(at, "file")).mode & 0o777).toBe(0o600);
    expect(readdirSync(at)).toEqual(["file"]);
  });

  test("that come and go are there or not, and no error", () => {
    const path = join(folder(), "lock");
    const other = spawn("sh", ["-c", 'while :; do echo held >"$0.new"; mv "$0.new" "$0"; rm "$0"; done', path]);
    try {
      const seen = new Set<string | undefined>();
      const end = Date.now() + 30_000;
      for (let look = 0; (look < 20_000 || seen.size < 2) && Date.now() < end; look++) seen.add(readText(path));
      expect(seen).toEqual(new Set([undefined, "held\n"]));
    } finally {
      other.kill("SIGKILL");
    }
  });
});
