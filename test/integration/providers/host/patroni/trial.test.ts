import { readdir, readFile } from "node:fs/promises";
import { refusalOf } from "../../../../../providers/host/patroni/trial";
import { binaries } from "../../../../support/servers/postgres/throwaway-postgres";

const tried = async (parameters: Record<string, string>): Promise<string | undefined> =>
  refusalOf(parameters, { postgresBin: await binaries() });

test("control: a server starts with sound parameters, whatever its platform would need", async () => {
  const platform = { ssl: "on", archive_mode: "on", logging_collector: "on", "howdah.configuration": "it's a name" };
  expect(await tried({ ...platform, shared_buffers: "16MB", max_connections: "20" })).toBeUndefined();
});

test.each([
  [{ shared_buffers: "7TB" }, /FATAL: .*shared memory/],
  [{ work_mem: "loud", no_such_parameter: "1" }, /unrecognized configuration parameter "no_such_parameter"/],
  [{ max_connections: "3", superuser_reserved_connections: "3" }, /must be less than "?max_connections/],
  [{ log_min_messages: "panic", shared_preload_libraries: "no_such_library" }, /FATAL: .*no_such_library/],
])("%j is refused in the server's own words", async (parameters, reason) => {
  expect(await tried(parameters)).toMatch(reason);
});

test("huge pages that the system has not reserved are refused", async () => {
  const free = /HugePages_Free:\s+(\d+)/.exec(await readFile("/proc/meminfo", "utf8"))?.[1];
  const answer = await tried({ huge_pages: "on", shared_buffers: "64MB" });
  // 16 MB of them do for a trial, and more than a hundred pages are more than that.
  if (Number(free ?? 0) === 0) expect(answer).toMatch(/FATAL: .*shared memory/);
  else if (Number(free) > 100) expect(answer).toBeUndefined();
});

test("without programs there is no trial, and no verdict", async () => {
  await expect(refusalOf({}, { postgresBin: "/nowhere" })).rejects.toThrow("initdb");
});

test("nothing is left behind, and no server runs on", async () => {
  const left = async (): Promise<string[]> => (await readdir("/tmp")).filter((name) => name.startsWith("tmp."));
  const before = await left();
  await tried({ wal_level: "minimal" });
  expect((await left()).filter((name) => !before.includes(name))).toEqual([]);
});
