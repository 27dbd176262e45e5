import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backrest, isLockHeld, repositoryOf } from "../../../../cli/pgbackrest/command";
import { expire } from "../../../../cli/pgbackrest/expire";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { localJob } from "../../../support/servers/backups/local-job";

const folder = mkdtempSync(join(tmpdir(), "howdah-expire-"));
const job = localJob(folder);
let postgres: ThrowawayPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  mkdirSync(join(folder, "lock"));
  const places = { "repo1-path": "repository", "lock-path": "lock", "log-path": "log", "spool-path": "spool" };
  const lines = Object.entries(places).map(([name, place]) => `${name}=${join(folder, place)}\n`);
  const { configFile } = job.repository;
  writeFileSync(
    configFile,
    `[global]\n${lines.join("")}log-level-file=off\n\n[main]\npg1-path=${postgres.dataDirectory}\n`,
  );
  await backrest(repositoryOf(job), ["--no-online", "stanza-create"]);
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

/** As another command of pgBackRest does: the lock is the kernel's, on this file; Debian 13 has a release with a file for each repository. */
async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  const [all = "", first = ""] = ["main-backup.lock", "main-backup-1.lock"].map((name) => join(folder, "lock", name));
  const held = ["flock", "--no-fork", first, "sh", "-c", "echo; exec sleep 60"];
  const holder = spawn("flock", ["--no-fork", all, ...held]);
  try {
    await once(holder.stdout, "data");
    return await work();
  } finally {
    holder.kill();
    await once(holder, "close");
  }
}

test("expiry is left to the backup that has begun meanwhile", async () => {
  await whileLocked(async () => {
    expect(await backrest(repositoryOf(job), ["expire"]).catch(isLockHeld)).toBe(true);
    expect(await expire(job)).toEqual([]);
  });
});

test("what keeps it from expiring otherwise is an error", async () => {
  expect(await expire(job)).toEqual([]);
  await expect(expire(localJob(join(folder, "elsewhere")))).rejects.toThrow("pgbackrest failed");
});
