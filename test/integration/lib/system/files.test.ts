import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect, lastLines, makeDirectory, writeAtomically } from "../../../../lib/system/files";
import { serviceFolder, type ServiceFolder } from "../../../support/servers/service-folder";

let folder: ServiceFolder;
beforeAll(async () => {
  folder = await serviceFolder();
});
afterAll(() => folder.remove());

test("a write that breaks off leaves the old file and no temporary one", async () => {
  const path = join(folder.path, "file");
  await writeFile(path, "old");
  // Fails between the first byte and the rename, as a full disk would.
  await expect(writeAtomically(path, "new", { mode: "no mode" })).rejects.toThrow("mode");
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder.path)).toEqual(["file"]);
});

test("the last lines of a file, or nothing where there is none", async () => {
  const path = join(folder.path, "log");
  await writeFile(path, "1\n2\n3\n4\n");
  expect(await lastLines(path, 2)).toBe("3\n4");
  expect(await lastLines(join(folder.path, "none"), 2)).toBe("");
});

test("a link instead of a folder does not give away what it points to", async () => {
  const precious = join(folder.path, "precious");
  await mkdir(precious, { mode: 0o750 });
  const before = await stat(precious);
  const link = join(folder.path, "link");
  await symlink(precious, link);
  await expect(makeDirectory(link, { mode: "0711" })).rejects.toThrow(`${link} is a symbolic link`);
  const after = await stat(precious);
  expect([after.mode, after.uid]).toEqual([before.mode, before.uid]);
  expect((await inspect(link))?.directory).toBe(false);
});
