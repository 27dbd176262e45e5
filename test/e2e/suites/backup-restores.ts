import { existsSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Client } from "pg";
import { asOwner, howdah, mustHowdah } from "../../support/stack/howdah";
import { rolesOf } from "../../support/stack/nodes";
import { superuser, type TestStack } from "../../support/stack/stack";
import { Writer } from "../../support/stack/writer";

interface NewServer {
  readonly directory: string;
  readonly port: number;
  readonly stop: string;
}

/** Restores to a point, into servers of their own and in place. */
export function restores(stack: TestStack): void {
  describe("a restore", () => {
    const places: string[] = [];
    let moment: string;
    let lsn: string;

    /** A folder that the service user may write to. */
    const folder = (name: string): string => {
      const place = join(stack.path("work"), name);
      places.push(place);
      return place;
    };

    const primarySql = async (sql: string): Promise<string> =>
      superuser(stack, (await rolesOf(stack)).primary.port, sql);

    /** Restores into a new server, asks it one thing as the application, and stops it. */
    async function asked(name: string, target: readonly string[], sql: string): Promise<unknown> {
      const made = (await mustHowdah(stack, "restore", ...target, "--into", folder(name))) as NewServer;
      const client = new Client({ ...(await stack.client("app")), port: made.port, database: "app" });
      try {
        // The one that serves goes on.
        expect(await stack.query("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
        await client.connect();
        return (await client.query<{ answer: unknown }>(sql)).rows[0]?.answer;
      } catch (error) {
        if ((error as { code?: string }).code === "42P01") return undefined;
        throw error;
      } finally {
        await client.end();
        const [program = "", ...words] = [...asOwner, ...made.stop.split(" ")];
        execFileSync(program, words, { stdio: "ignore", cwd: "/" });
      }
    }

    /** Rows of app.treasure after a restore; undefined if there is no such table. */
    const restored = (name: string, ...target: string[]): Promise<unknown> =>
      asked(name, target, "SELECT count(*)::int AS answer FROM app.treasure");

    beforeAll(async () => {
      await stack.query("app_migrator", "CREATE TABLE app.treasure AS SELECT g AS id FROM generate_series(1, 500) g");
      await mustHowdah(stack, "backup", "incr");
      await stack.query("app_migrator", "INSERT INTO app.treasure SELECT g FROM generate_series(501, 700) g");
      lsn = await primarySql("SELECT pg_create_restore_point('before the accident')");
      moment = await primarySql(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || ' UTC'",
      );
      // Recovery to a moment ends at the first commit after it.
      await primarySql("SELECT pg_sleep(0.2)");
      await stack.query("app_migrator", "DROP TABLE app.treasure");
      await primarySql("SELECT pg_create_restore_point('after the accident')");
    });

    afterAll(() => {
      for (const place of places) rmSync(place, { recursive: true, force: true });
    });

    test("to a moment before the accident has every row", async () => {
      expect(await restored("time", "--to-time", moment)).toBe(700);
    });

    test("to a named point before it has every row, after it no table", async () => {
      expect(await restored("name", "--to-name", "before the accident")).toBe(700);
      expect(await restored("later", "--to-name", "after the accident")).toBeUndefined();
    });

    test("to an LSN before it has every row, to the newest WAL no table", async () => {
      expect(await restored("lsn", "--to-lsn", lsn)).toBe(700);
      expect(await restored("latest")).toBeUndefined();
    });

    test("to a moment of an idle server, after which nothing was committed, has everything until then", async () => {
      const quiet = await primarySql(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || ' UTC'",
      );
      const sql = "SELECT to_regclass('app.treasure') IS NULL AS answer";
      expect(await asked("idle", ["--to-time", quiet], sql)).toBe(true);
    });

    test("only to the backup's end has what was there then", async () => {
      expect(await restored("immediate", "--immediate")).toBe(500);
    });

    test.each([
      [["--in-place", "--to-time", "2020-01-01 00:00:00 UTC", "--yes"], "no backup on timeline \\d+ is older than"],
      [["--into", "/x", "--to-time", "2999-01-01 00:00:00 UTC"], "is in the future"],
      [["--into", "/x", "--to-lsn", "FFFF/0"], "has not been written"],
      [["--into", "/x", "--timeline", "9;id"], "is not a timeline"],
      [["--in-place", "--to-time", "noon", "--yes"], "not a time with a zone"],
      [["--in-place"], "to confirm, add --yes"],
      [[], "name the target"],
      [["--in-place", "--into", "/x"], "name the target"],
      [["--into", "/proc"], "cannot be|is not empty"],
      [["--in-place", "--set", "nothing", "--yes"], "there is no backup nothing"],
    ])("with %j is refused, and nothing is touched", async (words, reason) => {
      const run = await howdah(stack, "restore", ...words);
      expect(run.stderr).toMatch(new RegExp(reason));
      expect(run.code).toBe(3);
    });

    test("to a named point that does not exist fails with the reason, and leaves nothing", async () => {
      const place = folder("nowhere");
      const run = await howdah(stack, "restore", "--to-name", "never", "--into", place);
      expect(run.stderr).toContain("recovery ended before configured recovery target was reached");
      expect([run.code, existsSync(place)]).toEqual([1, false]);
    });

    test("as a dry run says what would happen, and does nothing", async () => {
      const run = await howdah(stack, "restore", "--in-place", "--to-time", moment, "--dry-run");
      const { steps } = run.json as { steps: string[] };
      expect(steps.join("\n")).toMatch(
        /backup \S+ \(incr,[\s\S]*a backup of the current data[\s\S]*node1, node2, node3 are stopped/,
      );
      expect(await stack.query("app", "SELECT to_regclass('app.treasure') AS found")).toEqual([{ found: null }]);
    });

    test("in place brings the rows back; the replicas re-join, and today's passwords hold", async () => {
      await stack.query("app_migrator", "CREATE TABLE app.later AS SELECT 1 AS one");
      const done = (await mustHowdah(stack, "restore", "--in-place", "--to-time", moment, "--yes")) as {
        safety: string;
      };
      await rolesOf(stack);
      expect(await stack.query("app", "SELECT count(*)::int AS n FROM app.treasure")).toEqual([{ n: 700 }]);
      expect(await stack.query("reports", "SELECT count(*)::int AS n FROM app.treasure", "readOnly")).toEqual([
        { n: 700 },
      ]);
      expect(await stack.query("app", "SELECT to_regclass('app.later') AS found")).toEqual([{ found: null }]);
      const writer = await Writer.start(stack);
      await writer.progress(20, 60);
      expect((await writer.stop()).lost).toEqual([]);
      // What was there before is not lost: the safety backup still has it.
      const later = "SELECT to_regclass('app.later') IS NOT NULL AS answer";
      expect(await asked("safety", ["--set", done.safety, "--immediate"], later)).toBe(true);
    });

    test("to a moment between the safety backup and the first new one finds the backup from which WAL leads there", async () => {
      const { physical } = (await mustHowdah(stack, "backups")) as {
        physical: { endedAt: string; walStart: string }[];
      };
      const [fresh, safety] = physical;
      // Not of one timeline: by time alone, the wrong one would be chosen.
      expect(fresh?.walStart.slice(0, 8)).not.toBe(safety?.walStart.slice(0, 8));
      const between = new Date(
        (Date.parse(safety?.endedAt ?? "") + Date.parse(fresh?.endedAt ?? "")) / 2,
      ).toISOString();
      expect(await restored("between", "--to-time", between)).toBe(700);
    });

    test("from a backup before the restore in place reaches what came after it", async () => {
      const { physical } = (await mustHowdah(stack, "backups")) as {
        physical: { label: string; tier: string | null }[];
      };
      const old = physical.at(-1)?.label ?? "";
      const { code, json } = await howdah(stack, "drill", "--quick", "--set", old);
      expect([code, json]).toEqual([0, expect.objectContaining({ passed: true, set: old })]);
    });

    test("of a dump makes a new database, and never touches one that is there", async () => {
      const { backups } = (await mustHowdah(stack, "backup", "logical")) as { backups: { label: string }[] };
      const name = backups[0]?.label ?? "";
      await mustHowdah(stack, "restore-dump", name, "--database", "copy_of_app");
      const { primary } = await rolesOf(stack);
      const place = { port: primary.port, database: "copy_of_app" };
      expect(await superuser(stack, place, "SELECT count(*) FROM app.treasure")).toBe("700");
      const again = await howdah(stack, "restore-dump", name, "--database", "app");
      expect(again.stderr).toContain("database app exists");
      expect(again.code).not.toBe(0);
      await superuser(stack, primary.port, "DROP DATABASE copy_of_app");
    });
  });
}
