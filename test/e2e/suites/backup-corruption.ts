import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Drilled, listed } from "../../support/servers/backups/catalog";
import { howdah, mustHowdah, startHowdah } from "../../support/stack/howdah";
import { rolesOf } from "../../support/stack/nodes";
import { cutInHalf, dataFile, flipMiddle, segmentFile } from "../../support/servers/backups/repository";
import { superuser, type TestStack } from "../../support/stack/stack";

/** What has been damaged is found, named, and never restored. */
export function corruption(stack: TestStack): void {
  describe("a damaged backup", () => {
    let newest: string;
    let older: string;

    const place = (name: string): string => join(stack.path("work"), name);

    /** Damages a file for the time of `work`. */
    async function damaged(path: string, damage: (path: string) => void, work: () => Promise<void>): Promise<void> {
      const kept = readFileSync(path);
      damage(path);
      try {
        await work();
      } finally {
        // In place, so that its owner stays.
        writeFileSync(path, kept);
      }
    }

    async function refused(set: string, reason: RegExp): Promise<void> {
      const restore = await howdah(stack, "restore", "--set", set, "--immediate", "--into", place("damaged"));
      expect([restore.code, restore.stderr]).toEqual([1, expect.stringMatching(reason)]);
      const { code, json } = await howdah(stack, "drill", "--quick", "--set", set);
      const { cause, passed } = json as Drilled;
      expect([code, passed, cause?.check]).toEqual([4, false, "restore"]);
      expect(cause?.reason).toMatch(reason);
    }

    beforeAll(async () => {
      await mustHowdah(stack, "backup", "full");
      await mustHowdah(stack, "backup", "full");
      [newest = "", older = ""] = (await listed(stack)).map(({ label }) => label);
    });

    afterEach(() => {
      rmSync(place("damaged"), { recursive: true, force: true });
    });

    test("with turned bits is not restored, its drill fails with that reason, and an older one restores", async () => {
      await damaged(dataFile(stack, newest), flipMiddle, async () => {
        await refused(newest, /checksum|unable to|error|invalid/i);
        const { code, json } = await howdah(stack, "drill", "--quick", "--set", older);
        expect([code, json]).toEqual([0, expect.objectContaining({ passed: true, set: older })]);
        const drilled = (await listed(stack)).filter(({ label }) => label === newest || label === older);
        expect(drilled.map(({ verified }) => verified)).toEqual([false, true]);
      });
      expect(readFileSync(stack.path("metrics", "howdah_backup.prom"), "utf8")).toContain("howdah_drill_success 1");
    });

    test("with half of a file is not restored", async () => {
      await damaged(dataFile(stack, newest), cutInHalf, () => refused(newest, /checksum|unable to|error|unexpected/i));
    });

    test("whole again, is restored", async () => {
      const { code } = await howdah(stack, "drill", "--quick", "--set", newest);
      expect(code).toBe(0);
    });

    test("whose archive lacks a segment in the middle is not replayed past it without an error", async () => {
      const { primary } = await rolesOf(stack);
      for (let turn = 0; turn < 3; turn++)
        await superuser(
          stack,
          primary.port,
          "SELECT pg_logical_emit_message(true, 'e2e', 'x'); SELECT pg_switch_wal()",
        );
      await mustHowdah(stack, "drill", "--quick", "--set", newest);
      const { walStart } = (await listed(stack)).find(({ label }) => label === newest) ?? { walStart: "" };
      const segment = `${walStart.slice(0, 8)}${(parseInt(walStart.slice(8), 16) + 1).toString(16).toUpperCase().padStart(16, "0")}`;
      const file = segmentFile(stack, segment);
      const aside = join(stack.root, "aside");
      renameSync(file, aside);
      try {
        const restore = await howdah(stack, "restore", "--set", newest, "--in-place", "--yes");
        expect([restore.code, restore.stderr]).toEqual([
          3,
          expect.stringContaining(`WAL segment ${segment} is missing`),
        ]);
        const { code, json } = await howdah(stack, "drill", "--quick", "--set", newest);
        const { cause } = json as Drilled;
        expect([code, cause?.check, cause?.reason]).toEqual([4, "archive", expect.stringContaining(segment)]);
      } finally {
        renameSync(aside, file);
      }
      expect((await howdah(stack, "drill", "--quick", "--set", newest)).code).toBe(0);
    });

    test("is not opened with another key", async () => {
      const key = join(stack.root, "wrong.key");
      writeFileSync(key, "not-the-passphrase\n", { mode: 0o644 });
      const repository = stack.path("backup", "repository");
      const words = ["--repository", repository, "--key-file", key, "--into", place("damaged")];
      const run = await howdah(stack, "restore", ...words);
      expect([run.code, run.stderr]).toEqual([1, expect.stringContaining("its key is wrong, or its index is damaged")]);
    });
  });

  test("a drill fails on a canary that is not the one that was written", async () => {
    const { primary } = await rolesOf(stack);
    const newest = await superuser(stack, primary.port, "SELECT coalesce(max(id), 0) FROM howdah.canary");
    // WAL is not switched: the forged row gets into the archive with the canary's own commit.
    const { ended } = startHowdah(stack, ["drill"]);
    const forge = `UPDATE howdah.canary SET token = 'forged' WHERE id > ${newest} RETURNING 1`;
    for (let turn = 0; turn < 100; turn++) {
      const forged = `WITH forged AS (${forge}) SELECT count(*) FROM forged`;
      if ((await superuser(stack, primary.port, forged)) !== "0") break;
      await sleep(100);
    }
    await superuser(stack, primary.port, "SELECT pg_switch_wal()");
    const { code, json } = await ended;
    const { cause } = json as Drilled;
    expect([code, cause?.check, cause?.reason]).toEqual([
      4,
      "canary",
      expect.stringContaining("differs from what was written"),
    ]);
  });

  test("a damaged dump is not restored", async () => {
    const { backups } = (await mustHowdah(stack, "backup", "logical")) as { backups: { label: string }[] };
    const name = backups[0]?.label ?? "";
    flipMiddle(stack.path("backup", "logical", `${name}.dump.age`));
    const run = await howdah(stack, "restore-dump", name, "--database", "from_damaged");
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/SHA-256|damaged/i);
    const { primary } = await rolesOf(stack);
    expect(
      await superuser(stack, primary.port, "SELECT count(*) FROM pg_database WHERE datname = 'from_damaged'"),
    ).toBe("0");
  });
}
