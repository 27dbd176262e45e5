import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readHistory, appendHistory } from "../../../../cli/records/history";

const folder = mkdtempSync(join(tmpdir(), "howdah-history-"));
const schema = z.object({ run: z.number() });

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("lines come back in their order", async () => {
  for (const run of [1, 2, 3]) await appendHistory(folder, "a", { run });
  expect(await readHistory(folder, "a", schema)).toEqual([{ run: 1 }, { run: 2 }, { run: 3 }]);
});

test("a line that a killed process broke off spoils none of the others", async () => {
  await appendHistory(folder, "b", { run: 1 });
  appendFileSync(join(folder, "b"), '{"run": 2');
  await appendHistory(folder, "b", { run: 3 });
  expect(await readHistory(folder, "b", schema)).toEqual([{ run: 1 }, { run: 3 }]);
});

test("no file is no history", async () => {
  expect(await readHistory(folder, "none", schema)).toEqual([]);
});
