import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetCluster } from "../../../../../cli/restore/in-place/forget-cluster";
import { localJob } from "../../../../support/servers/backups/local-job";

const folder = mkdtempSync(join(tmpdir(), "howdah-forget-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const job = localJob(folder);
const leader = job.servers[1]!;

/** Asks as patronictl does, and aborts at another answer or at none. */
const asking = (...wanted: readonly string[]): void => {
  const asked = wanted.map(
    (answer) => `read -r line && [ "$line" = "${answer}" ] || { echo "Aborted!" >&2; exit 1; }\n`,
  );
  writeFileSync(job.patronictl, `#!/bin/sh\n${asked.join("")}`, { mode: 0o700 });
};

test.each([
  ["is gone", ["test", "Yes I am aware"]],
  ["is still there", ["test", "Yes I am aware", "node2"]],
])("a cluster whose leader's key %s is forgotten", async (_what, wanted) => {
  asking(...wanted);
  await forgetCluster(job, leader);
});

test("a refusal is an error with what was said", async () => {
  asking("other");
  await expect(forgetCluster(job, leader)).rejects.toThrow("patronictl remove failed (1): Aborted!");
});
