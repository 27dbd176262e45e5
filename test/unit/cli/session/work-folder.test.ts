import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withWorkFolder } from "../../../../cli/session/work-folder";

const work = mkdtempSync(join(tmpdir(), "howdah-work-"));
const job = { folders: { work, history: work, metrics: work } };
/** Above the largest that Linux gives out. */
const nobody = 4_194_305;

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

test("the folder is there for the work, and gone after it, also after a failure", async () => {
  expect(await withWorkFolder(job, "drill", (folder) => Promise.resolve(existsSync(folder)))).toBe(true);
  await expect(withWorkFolder(job, "drill", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(readdirSync(work)).toEqual([]);
});

test("what a killed run left under the same name goes; what a living one has, and all else, stays", async () => {
  for (const name of [`drill-${nobody}`, `source-${nobody}`, `drill-${process.ppid}`, "drill-mine"]) {
    mkdirSync(join(work, name));
    writeFileSync(join(work, name, "file"), "");
  }
  await withWorkFolder(job, "drill", () => Promise.resolve());
  expect(readdirSync(work).sort()).toEqual(["drill-mine", `drill-${process.ppid}`, `source-${nobody}`].sort());
});
