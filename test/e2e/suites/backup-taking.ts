import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { listed } from "../../support/servers/backups/catalog";
import { asOwner, howdah, jobOf, mustHowdah, startHowdah } from "../../support/stack/howdah";
import { crash, rolesOf } from "../../support/stack/nodes";
import { superuser, type TestStack } from "../../support/stack/stack";
import { Writer } from "../../support/stack/writer";

/** Enough rows for a backup to take seconds, so that something can happen in its middle. */
const fill = (megabytes: number): string =>
  `CREATE TABLE IF NOT EXISTS app.bulk (id bigint, text text);
   INSERT INTO app.bulk SELECT g, repeat(md5(g::text), 32) FROM generate_series(1, ${megabytes * 1000}) g`;

/** Backups of every kind, and what happens in their middle. */
export function backupSuite(stack: TestStack): void {
  describe("a backup", () => {
    afterAll(() => stack.query("app_migrator", "DROP TABLE IF EXISTS app.bulk"));

    test("of each kind is listed with its tier, and a dump with its database", async () => {
      await mustHowdah(stack, "backup", "diff");
      await mustHowdah(stack, "backup", "--tier", "hourly");
      await mustHowdah(stack, "backup", "logical");
      await mustHowdah(stack, "backup", "schema", "--database", "app");
      const { logical } = (await mustHowdah(stack, "backups")) as { logical: { database: string; kind: string }[] };
      expect((await listed(stack)).map(({ kind, tier }) => [kind, tier])).toEqual([
        ["incr", "hourly"],
        ["diff", "preMaintenance"],
        ["full", null],
      ]);
      expect(logical.map(({ database, kind }) => [database, kind])).toEqual([
        ["app", "schema"],
        ["app", "dump"],
      ]);
    });

    test.each([
      [["backup", "half"], 2, "Allowed choices are full, diff, incr, logical, schema"],
      [["backup", "--tier", "yearly"], 2, "Allowed choices are hourly"],
      [["backup", "logical", "--database", "ap"], 3, 'no database "ap"; it has: app'],
      [["backup", "logical", "--tier", "daily"], 3, "for backups of kind diff"],
    ])("with %j is refused with %d", async (words, code, reason) => {
      const run = await howdah(stack, ...words);
      expect(run.stderr).toContain(reason);
      expect(run.code).toBe(code);
    });

    test("whose primary is killed in its middle is taken from the next one; no commit is lost", async () => {
      await stack.query("app_migrator", fill(60));
      const { primary } = await rolesOf(stack);
      const writer = await Writer.start(stack);
      await writer.progress(20, 60);
      const { ended } = startHowdah(stack, ["backup", "full"]);
      await sleep(2500);
      crash(primary);
      const run = await ended;
      expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
      await rolesOf(stack);
      await writer.progress(20, 60);
      expect((await writer.stop()).lost).toEqual([]);
      expect((await listed(stack))[0]).toMatchObject({ kind: "full", tier: "preMaintenance" });
    });

    test("during a switchover is taken all the same, from the new primary if need be", async () => {
      const { primary, replicas } = await rolesOf(stack);
      const members = await stack.members();
      const candidate = members.find(({ role }) => role === "sync_standby")?.name ?? replicas[0]?.name ?? "";
      const { ended } = startHowdah(stack, ["backup", "full"]);
      await sleep(1500);
      const { patronictl, servers } = jobOf(stack);
      const words = [
        "-c",
        servers[0]?.patroniFile ?? "",
        "switchover",
        "--force",
        "--leader",
        primary.name,
        "--candidate",
        candidate,
      ];
      const command: readonly string[] = [...asOwner, patronictl, ...words, stack.name];
      const [program = "", ...rest] = command;
      // It says why it refuses, with an exit code of 0: a replica may lag at this moment.
      const switchOver = (): string => execFileSync(program, rest, { cwd: "/", encoding: "utf8" });
      const isDone = /Successfully switched over/;
      const said = switchOver();
      if (!isDone.test(said)) {
        await rolesOf(stack);
        expect(said + switchOver()).toMatch(isDone);
      }
      expect((await ended).code).toBe(0);
      expect((await rolesOf(stack)).primary.name).toBe(candidate);
      expect((await listed(stack))[0]).toMatchObject({ kind: "full", tier: "preMaintenance" });
    });

    test("waits for another one that runs", async () => {
      const [first, second] = await Promise.all([howdah(stack, "backup", "full"), howdah(stack, "backup", "incr")]);
      expect([first.code, second.code]).toEqual([0, 0]);
      expect((await listed(stack)).slice(0, 2).map(({ kind }) => kind)).toContain("incr");
    });
  });

  test("WAL that could not be archived for a while drains, and nothing is missing in between", async () => {
    const { primary } = await rolesOf(stack);
    const archive = stack.path("backup", "repository", "archive", "main");
    // Not over COPY … TO PROGRAM: chmod reads no row, and the server may meet a closed pipe. Folders only: pgBackRest renames its files.
    const setMode = (mode: string) =>
      execFileSync("find", [archive, "-type", "d", "-exec", "chmod", mode, "{}", "+"], { stdio: "pipe" });
    const waiting = async (): Promise<number> =>
      Number(
        await superuser(stack, primary.port, "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name ~ 'ready$'"),
      );
    try {
      setMode("u-w");
      for (let turn = 0; turn < 4; turn++)
        await superuser(
          stack,
          primary.port,
          "SELECT pg_logical_emit_message(true, 'e2e', 'x'); SELECT pg_switch_wal()",
        );
      expect(await waiting()).toBeGreaterThanOrEqual(4);
    } finally {
      setMode("u+w");
    }
    const end = Date.now() + 120_000;
    let left = await waiting();
    for (; left > 0 && Date.now() < end; left = await waiting()) await sleep(500);
    expect(left).toBe(0);
    const { code, json } = await howdah(stack, "drill", "--quick");
    expect([code, json]).toEqual([0, expect.objectContaining({ passed: true })]);
  });
}
