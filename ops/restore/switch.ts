import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Job, JobServer } from "../../components/backup/job";
import { writeWhole } from "../../tools/files";
import { primaryOf, query } from "../sql";
import { forgetCluster } from "./forget-cluster";
import { startServer, stopServer } from "./servers";

/** A switch that has begun: on disk before its first step, gone after its last. Whoever finds it completes it. */
const intentSchema = z.strictObject({
  /** Server whose files are exchanged; the others are cloned from it. */
  server: z.string(),
  /** Folder of the restored files. */
  restored: z.string(),
});

export type SwitchIntent = z.output<typeof intentSchema>;

const intentFile = ({ folders }: Job): string => join(folders.work, "switch.json");

/** The switch that was begun and not completed. */
export async function unfinishedSwitch(job: Job): Promise<SwitchIntent | undefined> {
  const text = await readFile(intentFile(job), "utf8").catch(() => undefined);
  return text === undefined ? undefined : intentSchema.parse(JSON.parse(text));
}

export const beginSwitch = (job: Job, intent: SwitchIntent): void => {
  writeWhole(intentFile(job), JSON.stringify(intent), 0o600);
};

/** The old files stay beside the new ones until the new cluster stands. */
const replaced = ({ dataDirectory }: JobServer): string => `${dataDirectory}.replaced`;

async function exchange(server: JobServer, restored: string): Promise<void> {
  if (!existsSync(restored)) return;
  if (existsSync(server.dataDirectory)) {
    await rm(replaced(server), { recursive: true, force: true });
    await rename(server.dataDirectory, replaced(server));
  }
  await rename(restored, server.dataDirectory);
}

const patienceSeconds = 600;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + patienceSeconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end)
      throw new Error(`${what} did not happen within ${patienceSeconds} s; see the logs of Patroni`);
    await sleep(200);
  }
}

const streaming = async (job: Job): Promise<number> => {
  const primary = await primaryOf(job);
  if (primary === undefined) return -1;
  const rows = await query(
    primary,
    "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND application_name <> 'pg_basebackup'",
  );
  return rows.length;
};

/**
 * Puts the restored files in the place of the running cluster's. Each step may be repeated: a switch that was cut short is
 * completed by the next run.
 */
export async function performSwitch(job: Job, say: (text: string) => void): Promise<void> {
  const intent = await unfinishedSwitch(job);
  if (intent === undefined) return;
  const leader = job.servers.find(({ name }) => name === intent.server);
  if (leader === undefined) throw new Error(`there is no server ${intent.server}`);
  const others = job.servers.filter((server) => server !== leader);
  say("stopping the servers");
  // Not one of them may be there to take over when the primary goes: it would begin a timeline of its own in the archive.
  await Promise.all(others.map((server) => stopServer(job, server)));
  await stopServer(job, leader);
  await exchange(leader, intent.restored);
  await forgetCluster(job, leader);
  for (const server of others) await rm(server.dataDirectory, { recursive: true, force: true });
  say(`starting ${leader.name} on the restored files`);
  await startServer(job, leader);
  await until(`${leader.name} becoming the primary`, async () => (await primaryOf(job))?.name === leader.name);
  say("the restored cluster takes writes; its replicas are being cloned");
  await Promise.all(others.map((server) => startServer(job, server)));
  await until("replication", async () => (await streaming(job).catch(() => -1)) >= others.length);
  await rm(replaced(leader), { recursive: true, force: true });
  await rm(intentFile(job), { force: true });
}

/**
 * Runs the switch in a process of its own that neither Ctrl-C nor our end reaches: once the servers are stopped, the only good
 * way is forward.
 */
export async function switchApart(job: Job, jobFile: string, say: (text: string) => void): Promise<void> {
  const log = join(job.folders.work, "switch.log");
  await writeFile(log, "", { mode: 0o600 });
  // Its output goes to a file: a pipe would break with us.
  const command: readonly string[] = [...job.program, "--job-file", jobFile, "complete-switch"];
  const output = openSync(log, "a");
  const [program = process.execPath, ...words] = command;
  const child = spawn(program, words, { cwd: "/", detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  child.unref();
  let shown = 0;
  const show = async (): Promise<void> => {
    const lines = (await readFile(log, "utf8")).split("\n").slice(0, -1);
    for (const line of lines.slice(shown)) say(line);
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
  if (code === 0) await rm(log, { force: true });
  if (code !== 0)
    throw new Error(
      `the switch was not completed (${code ?? "killed"}): ${log} says why; run the restore again, and it goes on from there`,
    );
}
