import { closeSync, existsSync, openSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalStackFile, StackFileServer } from "../../../contracts/stack-file";
import { Failure } from "../../../lib/errors";
import { withLock } from "../../../lib/lock";
import { startApart } from "../../../lib/process/task";
import { type Timeout, until } from "../../../lib/retry";
import type { Context } from "../../kit/answer";
import { takeBackup } from "../../pgbackrest/backup";
import { primaryOf, query } from "../../session/sql";
import { forgetCluster } from "./forget-cluster";
import { startServer, stopServer } from "./servers";
import { type SwitchIntent, unfinishedSwitch, writeSwitch } from "./switch-intent";

/** What a switch says when it has come that far; the process that has started it reads this. */
const milestones = {
  writable: "the restored cluster accepts writes",
  backup: "the first backup of the restored cluster is ",
} as const;

/** The old files stay next to the new ones until the new cluster stands. */
const replaced = ({ dataDirectory }: StackFileServer): string => `${dataDirectory}.replaced`;

async function exchange(server: StackFileServer, restored: string): Promise<void> {
  if (!existsSync(restored)) return;
  if (existsSync(server.dataDirectory)) {
    await rm(replaced(server), { recursive: true, force: true });
    await rename(server.dataDirectory, replaced(server));
  }
  await rename(restored, server.dataDirectory);
}

const timeoutSeconds = 600;

const within = (what: string): Timeout & { readonly complaint: string } => ({
  timeout: timeoutSeconds * 1000,
  complaint: `${what} did not happen within ${timeoutSeconds} s; see the logs of Patroni`,
});

const streaming = async (job: LocalStackFile): Promise<number> => {
  const primary = await primaryOf(job);
  if (primary === undefined) return -1;
  const rows = await query(
    primary,
    "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND application_name <> 'pg_basebackup'",
  );
  return rows.length;
};

/** Puts the restored files in the place of the running cluster's. Each step may be repeated. */
async function exchangeCluster(
  job: LocalStackFile,
  intent: SwitchIntent,
  report: (text: string) => void,
): Promise<void> {
  const leader = job.servers.find(({ name }) => name === intent.server);
  if (leader === undefined) throw new Error(`there is no server ${intent.server}`);
  const others = job.servers.filter((server) => server !== leader);
  report("stopping the servers");
  // Not one of them may be there to take over when the primary goes: it would begin a timeline of its own in the archive.
  await Promise.all(others.map((server) => stopServer(job, server)));
  await stopServer(job, leader);
  await exchange(leader, intent.restored);
  await forgetCluster(job, leader);
  for (const server of others) await rm(server.dataDirectory, { recursive: true, force: true });
  report(`starting ${leader.name} on the restored files`);
  await startServer(job, leader);
  await until(async () => (await primaryOf(job))?.name === leader.name, within(`${leader.name} becoming the primary`));
  report(`${milestones.writable}; its replicas are being cloned`);
  await Promise.all(others.map((server) => startServer(job, server)));
  await until(async () => (await streaming(job).catch(() => -1)) >= others.length, within("replication"));
  await rm(replaced(leader), { recursive: true, force: true });
}

/**
 * Completes the switch that was begun, if there is one: the files, then the first backup of the restored cluster, without which
 * its newest state could be restored from older backups only. A switch that was interrupted is completed by the next run.
 */
export async function performSwitch(job: LocalStackFile, context: Context): Promise<void> {
  const report = context.note;
  const wait = (pid: string): void => {
    context.progress(`waiting for process ${pid}, which is completing it`);
  };
  await withLock(join(job.folders.work, "switch.lock"), wait, async () => {
    const intent = await unfinishedSwitch(job);
    if (intent === undefined) return;
    if (intent.left === "files") {
      await exchangeCluster(job, intent, report);
      writeSwitch(job, { ...intent, left: "backup" });
    }
    report("taking its first backup");
    const { label } = await takeBackup(
      job,
      { kind: intent.foreign ? "full" : "incr", tier: "preMaintenance" },
      context,
    );
    report(`${milestones.backup}${label}`);
  });
}

/** What the process that waits for a switch hears of it. */
export interface Switched {
  /** When the restored cluster accepted writes; of `performance.now()`. */
  readonly writableAt?: number;
  /** Label of its first backup. */
  readonly fresh?: string;
}

/**
 * Runs the switch in a process of its own that neither Ctrl-C nor our end reaches: once the servers are stopped, the only good
 * way is forward.
 */
export async function switchApart(
  job: LocalStackFile,
  jobFile: string,
  report: (text: string) => void,
): Promise<Switched> {
  const log = join(job.folders.work, "switch.log");
  await writeFile(log, "", { mode: 0o600 });
  const command: readonly string[] = [...job.program, "--job-file", jobFile, "complete-switch"];
  const output = openSync(log, "a");
  const [program = process.execPath, ...args] = command;
  const child = startApart({ program, args }, ["ignore", output, output]);
  closeSync(output);
  let shown = 0;
  let heard: Switched = {};
  const show = async (): Promise<void> => {
    const lines = (await readFile(log, "utf8")).split("\n").slice(0, -1);
    for (const line of lines.slice(shown)) {
      if (line.startsWith(milestones.writable)) heard = { ...heard, writableAt: performance.now() };
      if (line.startsWith(milestones.backup)) heard = { ...heard, fresh: line.slice(milestones.backup.length) };
      report(line);
    }
    shown = lines.length;
  };
  const code = await new Promise<number | null>((resolve, reject) => {
    const timer = setInterval(() => void show(), 300);
    child.once("error", reject);
    child.once("close", (exit) => {
      clearInterval(timer);
      resolve(exit);
    });
  });
  await show();
  if (code === 0) {
    await rm(log, { force: true });
    return heard;
  }
  const left = (await unfinishedSwitch(job))?.left;
  throw new Failure(
    left === "backup"
      ? `the restored cluster is available, but its first backup failed (see ${log}): fix the cause, then run \`howdah backup\``
      : `the switch was not completed (${code ?? "killed"}), see ${log}; run the restore again: it continues from there`,
  );
}
