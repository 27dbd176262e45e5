import { readFileSync } from "node:fs";
import { join } from "node:path";
import { killedFirst, memoryLimit } from "../../../../components/platforms/local/memory";
import { startPostgres, type ThrowawayPostgres } from "../../../support/throwaway-postgres";

const gibibyte = 1024 ** 3;

let postgres: ThrowawayPostgres;
const postmaster = (): string =>
  readFileSync(join(postgres.dataDirectory, "postmaster.pid"), "utf8").split("\n")[0] ?? "";

beforeAll(async () => {
  postgres = await startPostgres([], { prefix: memoryLimit(0), environment: killedFirst });
});
afterAll(() => postgres.stop());

test("the limit is the server's memory, and never less than what its programs need", () => {
  expect(memoryLimit(8 * gibibyte)).toEqual(["/usr/bin/prlimit", "--data=8589934592"]);
  expect(memoryLimit(128 * 1024 ** 2)).toEqual(["/usr/bin/prlimit", "--data=1073741824"]);
});

test("a session that wants more gets an error; the others, and the server, go on", async () => {
  const begin = "SELECT pg_postmaster_start_time()::text AS at";
  const before = await postgres.sql("postgres", begin);
  // Lifted as any application may; and a value of that size needs no work_mem at all.
  const greedy =
    "SET work_mem = '64GB'; SELECT length(repeat(repeat('x', 1000000), 600) || repeat(repeat('y', 1000000), 300))";
  await expect(postgres.sql("postgres", greedy)).rejects.toThrow("out of memory");
  expect(await postgres.sql("postgres", begin)).toEqual(before);
});

test("sessions are the first that the kernel kills, the postmaster is none of them", async () => {
  const score = (pid: string): string => readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim();
  const [row] = await postgres.sql<{ score: string }>(
    "postgres",
    "SELECT pg_read_file('/proc/self/oom_score_adj') AS score",
  );
  expect(Number(row?.score)).toBe(Number(killedFirst.PG_OOM_ADJUST_VALUE));
  expect(Number(score(postmaster()))).toBeLessThan(Number(killedFirst.PG_OOM_ADJUST_VALUE));
});
