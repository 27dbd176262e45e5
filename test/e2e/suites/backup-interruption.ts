import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { listed } from "../../support/catalog";
import { mustHowdah, startHowdah } from "../../support/howdah";
import { rolesOf } from "../../support/nodes";
import { stackProcesses } from "../../support/processes";
import type { TestStack } from "../../support/stack";

const isRoot = process.getuid?.() === 0;

/** Processes of the command: itself, pgBackRest by its hand, and throwaway servers. */
const jobs = (stack: TestStack): string[] =>
  stackProcesses(stack)
    .filter(({ command }) =>
      /howdah-[0-9a-f]+\.cjs .*(backup|drill|restore)|pgbackrest .*(backup|restore)$|\/work\/|\/restored/.test(command),
    )
    .filter(({ command }) => !command.includes("archive-push"))
    .map(({ command }) => command);

/** Kills and Ctrl-C at the worst moments. */
export function interruption(stack: TestStack): void {
  describe("interrupted", () => {
    const serves = async (): Promise<void> => {
      expect(await stack.query("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    };

    async function gone(): Promise<void> {
      const end = Date.now() + 20_000;
      while (jobs(stack).length > 0 && Date.now() < end) await sleep(200);
      expect(jobs(stack)).toEqual([]);
    }

    /** The command as root runs it is a shell around one of the servers' user: each of its processes gets the signal. */
    function end(signal: "SIGKILL" | "SIGINT", verb: string): void {
      const hit = stackProcesses(stack).filter(({ command }) => command.includes(`job.json`) && command.includes(verb));
      expect(hit.length).toBeGreaterThan(0);
      for (const { pid } of hit) process.kill(pid, signal);
    }

    test.each([
      ["SIGKILL", ["backup", "full"], 2000],
      ["SIGKILL", ["drill", "--quick"], 3000],
      ["SIGINT", ["drill", "--quick"], 2000],
    ] as const)("by %s, %j leaves nothing that runs, and the next one succeeds", async (signal, words, after) => {
      const before = (await listed(stack)).length;
      const { ended } = startHowdah(stack, words);
      await sleep(after);
      // It may have been quicker than we were.
      if (stackProcesses(stack).some(({ command }) => command.includes("job.json") && command.includes(words[0]))) {
        end(signal, words[0]);
        const { code } = await ended;
        expect(code).not.toBe(0);
      }
      await gone();
      await serves();
      await mustHowdah(stack, ...words);
      expect(readdirSync(stack.path("work"))).toEqual([]);
      expect((await listed(stack)).length).toBeGreaterThanOrEqual(before);
    });

    /** Starts a restore in place and kills it once it has said something. */
    async function killedAfter(word: string, set: string): Promise<void> {
      const { ended, child } = startHowdah(stack, ["restore", "--in-place", "--set", set, "--immediate", "--yes"]);
      let said = "";
      child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
      while (!said.includes(word) && child.exitCode === null) await sleep(20);
      end("SIGKILL", "restore");
      expect((await ended).code).not.toBe(0);
    }

    test("by SIGKILL beside the cluster, a restore in place leaves it alone; once the servers are stopped, it is completed all the same", async () => {
      const set = (await listed(stack))[0]?.label ?? "";
      await stack.query("app_migrator", "CREATE TABLE app.until_restored AS SELECT 1 AS one");
      await killedAfter("what is there now is in backup", set);
      await serves();
      expect(await stack.query("app", "SELECT one FROM app.until_restored")).toEqual([{ one: 1 }]);
      await killedAfter("stopping the servers", set);
      const patience = Date.now() + 60_000;
      while (jobs(stack).length > 0 && Date.now() < patience) await sleep(200);
      await rolesOf(stack);
      expect(await stack.query("app", "SELECT to_regclass('app.until_restored') AS found")).toEqual([{ found: null }]);
    });

    test("by a full repository, a backup says so, is not listed, and the next one succeeds", async () => {
      // The archive stays outside: a backup waits for its WAL there.
      const repository = stack.path("backup", "repository", "backup");
      const small = join(stack.root, "small");
      mkdirSync(small, { recursive: true });
      const before = (await listed(stack)).map(({ label }) => label);
      const mounts = `mount -t tmpfs -o size=$(($(du -sk ${repository} | cut -f1) + 1024))k,mode=0755 tmpfs ${small} && cp -a ${repository}/. ${small} && mount --bind ${small} ${repository} && exec "$@"`;
      const namespace = ["unshare", "--mount", ...(isRoot ? [] : ["--user", "--map-root-user"])];
      const run = await startHowdah(stack, ["backup", "full"], [...namespace, "sh", "-c", mounts, "sh"]).ended;
      expect([run.code, run.stderr]).toEqual([1, expect.stringMatching(/no space left for a backup/)]);
      expect((await listed(stack)).map(({ label }) => label)).toEqual(before);
      await mustHowdah(stack, "backup", "full");
      await serves();
    });
  });
}
