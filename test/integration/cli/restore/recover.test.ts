import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../../../cli/kit/answer";
import { recover } from "../../../../cli/restore/recover";
import type { RestorePlan } from "../../../../cli/restore/plan/plan";
import { localJob, quiet } from "../../../support/servers/backups/local-job";

jest.mock("node:fs/promises", () => ({
  ...jest.requireActual<object>("node:fs/promises"),
  statfs: () => Promise.resolve({ bavail: 1, bsize: 1024 ** 2 }),
}));
jest.mock("../../../../cli/restore/files/files", () => ({
  restoreFiles: (_request: unknown, { signal }: Context) => sleep(50_000, undefined, { signal }),
}));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "howdah-recover-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a restore that fills its disk is ended, and leaves nothing behind", async () => {
  const [dataDirectory, socketDirectory] = [join(folder, "data"), join(folder, "s")];
  const plan = { chosen: {}, target: { kind: "latest" }, timeline: "latest" } as unknown as RestorePlan;
  const source = {} as Parameters<typeof recover>[1]["source"];
  const ended = recover(localJob(folder), { source, plan, dataDirectory, socketDirectory }, { context: quiet });
  await expect(ended).rejects.toThrow(`the disk of ${folder} has only 1.0 MB left`);
  expect([dataDirectory, socketDirectory].filter((path) => existsSync(path))).toEqual([]);
});
