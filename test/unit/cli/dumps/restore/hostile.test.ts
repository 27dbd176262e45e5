import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderStore } from "../../../../../cli/dumps/store/folder";
import { listBackups } from "../../../../../cli/dumps/store/list";

const folder = mkdtempSync(join(tmpdir(), "howdah-hostile-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const name = "app-20261125T160512Z-dump";
const honest = {
  format: "howdah-logical-1",
  name,
  stack: "test",
  database: "app",
  kind: "dump",
  tier: "logical",
  serverVersion: "15.18",
  startedAt: "2026-11-25T16:05:12.000Z",
  endedAt: "2026-11-25T16:05:13.000Z",
  durationSeconds: 1,
  size: 4,
  sha256: "0".repeat(64),
  recipient: "age1",
  creation: { owner: "app_owner", encoding: "UTF8", collate: "C", ctype: "C", provider: "libc", locale: null },
  tools: { pg_dump: "15.18", howdah: "1" },
};

/** What a list says of a store whose one manifest is this. */
const told = async (manifest: string): Promise<{ sound: number; reason: string }> => {
  writeFileSync(join(folder, `${name}.dump.age`), "data");
  writeFileSync(join(folder, `${name}.json`), manifest);
  const { backups, unusable } = await listBackups(folderStore(folder));
  return { sound: backups.length, reason: unusable.map(({ reason }) => reason).join() };
};

test("control: an honest manifest makes a backup", async () => {
  expect(await told(JSON.stringify(honest))).toEqual({ sound: 1, reason: "" });
});

test.each<[string, object, RegExp]>([
  ["another name, with a path", { name: "../../etc/passwd" }, /manifest is that of \.\.\/\.\.\/etc\/passwd/],
  ["another database", { database: "template1" }, /describes a dump of database "template1"/],
  ["another kind", { kind: "schema" }, /describes a schema of database/],
  ["another size", { size: 10 ** 15 }, /only 4 of 1000000000000000 bytes/],
  ["a size that is none", { size: -1 }, /size/],
  ["a hash that is none", { sha256: "../x" }, /sha256/],
  ["an escape sequence", { creation: { ...honest.creation, owner: "a\u001b]0;owned\u0007" } }, /control characters/],
  ["a name that PostgreSQL would cut", { extensions: [{ name: "x".repeat(64), schema: "app" }] }, /extensions/],
  [
    "a privilege that is SQL",
    {
      defaultPrivileges: [
        { role: "a", schema: null, kind: "r", grantee: "public", privilege: "SELECT; DROP", grantable: false },
      ],
    },
    /privilege/,
  ],
])("one with %s makes none", async (_what, change, reason) => {
  const found = await told(JSON.stringify({ ...honest, ...change }));
  expect(found.sound).toBe(0);
  expect(found.reason).toMatch(reason);
});

test("one of many megabytes is not read to its end", async () => {
  const found = await told(JSON.stringify({ ...honest, padding: "x".repeat(5 * 1024 ** 2) }));
  expect(found).toEqual({ sound: 0, reason: expect.stringContaining("it is larger than 4.0 MB") as string });
});
