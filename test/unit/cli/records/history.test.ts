import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { recall, remember } from "../../../../cli/records/history";

const folder = mkdtempSync(join(tmpdir(), "howdah-history-"));
const schema = z.object({ run: z.number() });

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("lines come back in their order", async () => {
  for (const run of [1, 2, 3]) await remember(folder, "a", { run });
  expect(await recall(folder, "a", schema)).toEqual([{ run: 1 }, { run: 2 }, { run: 3 }]);
});

test("a line that a killed process broke off spoils none of the others", async () => {
  await remember(folder, "b", { run: 1 });
  appendFileSync(join(folder, "b"), '{"run": 2');
  await remember(folder, "b", { run: 3 });
  expect(await recall(folder, "b", schema)).toEqual([{ run: 1 }, { run: 3 }]);
});

test("no file is no history", async () => {
  expect(await recall(folder, "none", schema)).toEqual([]);
});
