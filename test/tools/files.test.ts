import { mkdtempSync, readFileSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWhole } from "../../tools/files";

const folder = (): string => mkdtempSync(join(tmpdir(), "tools-"));

describe("files", () => {
  it("are written whole with the mode asked for, and left alone when equal", () => {
    const path = join(folder(), "deep", "file");
    writeWhole(path, "a", 0o600);
    utimesSync(path, 1, 1);
    writeWhole(path, "a", 0o600);
    expect(statSync(path).mtimeMs).toBe(1000);
    writeWhole(path, "b", 0o600);
    expect(readFileSync(path, "utf8")).toBe("b");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
