import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { listed } from "../../support/servers/backups/catalog";
import { mustHowdah, startHowdah } from "../../support/stack/howdah";
import { rolesOf, signal } from "../../support/stack/nodes";
import { type StackProcess, stackProcesses } from "../../support/stack/processes";
import type { TestStack } from "../../support/stack/stack";

const isRoot = process.getuid?.() === 0;

/** Runs of the command with one of these verbs. By their words: the stack's own path holds «backup», too. */
const runsOf = (stack: TestStack, ...verbs: string[]): StackProcess[] =>
  stackProcesses(stack).filter(({ command }) => {
    const words = command.split(" ");
    return words.includes(stack.path("etc", "job.json")) && verbs.some((verb) => words.includes(verb));
  });

/** What a run starts: pgBackRest with its workers, and throwaway servers. */
const started = /^\S*pgbackrest .* (backup|restore)(:\w+)?$|\/work\/|\/restored/;

/** Processes of the command: itself, and what it has started. */
const jobs = (stack: TestStack): string[] =>
  [
    ...runsOf(stack, "backup", "drill", "restore", "complete-switch"),
    ...stackProcesses(stack).filter(({ command }) => started.test(command)),
  ].map(({ command }) => command);

/** Kills and Ctrl-C at the worst moments. */
export function interruption(stack: TestStack): void {
  describe("interrupted", () => {
    const serves = async (): Promise<void> => {
      expect(await stack.query("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    };

    async function gone(): Promise<void> {
      const end = Date.now() + 60_000;
      while (jobs(stack).length > 0 && Date.now() < end) await sleep(200);
      expect(jobs(stack)).toEqual([]);
    }

    /** Starts a run and ends it at a moment of its course, in which it says something or another process is there. */
    async function cutShort(
      words: readonly string[],
      name: NodeJS.Signals,
      isTime: (said: string) => boolean,
    ): Promise<void> {
      const { ended, child } = startHowdah(stack, words);
      let said = "";
      child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
      while (!isTime(said) && child.exitCode === null) await sleep(20);
      const hit = runsOf(stack, words[0] ?? "").map(({ pid }) => pid);
      expect(hit.length).toBeGreaterThan(0);
      signal(hit, name);
      expect((await ended).code).not.toBe(0);
      await gone();
    }

    test.each([
      ["SIGKILL", ["backup", "full"], /^\S*pgbackrest .*backup:local$/],
      ["SIGKILL", ["drill", "--quick"], /^\S+\/postgres -D \S+\/work\/drill-/],
      ["SIGINT", ["drill", "--quick"], /^\S*pgbackrest .*\/work\/drill-.* restore$/],
    ] as const)("by %s, %j leaves nothing that runs, and the next one succeeds", async (name, words, moment) => {
      const before = (await listed(stack)).length;
      await cutShort(words, name, () => stackProcesses(stack).some(({ command }) => moment.test(command)));
      await serves();
      await mustHowdah(stack, ...words);
      expect(readdirSync(stack.path("work"))).toEqual([]);
      expect((await listed(stack)).length).toBeGreaterThanOrEqual(before);
    });

    test("by SIGKILL before the switch, a restore in place leaves it alone; once the servers are stopped, it is completed all the same", async () => {
      const set = (await listed(stack))[0]?.label ?? "";
      await stack.query("app_migrator", "CREATE TABLE app.until_restored AS SELECT 1 AS one");
      const words = ["restore", "--in-place", "--set", set, "--immediate", "--yes"];
      await cutShort(words, "SIGKILL", (said) => said.includes("has the current data"));
      await serves();
      expect(await stack.query("app", "SELECT one FROM app.until_restored")).toEqual([{ one: 1 }]);
      await cutShort(words, "SIGKILL", (said) => said.includes("stopping the servers"));
      await rolesOf(stack);
      expect(await stack.query("app", "SELECT to_regclass('app.until_restored') AS found")).toEqual([{ found: null }]);
      // The switch has taken the first backup of what is there now, though nobody waited for it.
      const [fresh, safety] = await listed(stack);
      expect([fresh?.tier, fresh?.walStart.slice(0, 8) === safety?.walStart.slice(0, 8)]).toEqual([
        "preMaintenance",
        false,
      ]);
      await mustHowdah(stack, "drill", "--quick");
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
