import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresScript } from "../../../../../../components/platforms/local/postgres/memory";
import {
  binaries,
  startPostgres,
  type ThrowawayPostgres,
} from "../../../../../support/servers/postgres/throwaway-postgres";

const gibibyte = 1024 ** 3;

const folder = mkdtempSync(join(tmpdir(), "howdah-memory-"));
const script = join(folder, "postgres-node1");
let bin: string;
let postgres: ThrowawayPostgres;
const postmaster = (): string =>
  readFileSync(join(postgres.dataDirectory, "postmaster.pid"), "utf8").split("\n")[0] ?? "";

beforeAll(async () => {
  bin = await binaries();
  // The service user runs it, who is another one if we are root.
  chmodSync(folder, 0o755);
  writeFileSync(script, postgresScript(bin, 0), { mode: 0o755 });
  postgres = await startPostgres([], { postgres: script });
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

test("the limit is the server's memory, and never less than what its programs need", () => {
  expect(postgresScript("/bin", 8 * gibibyte)).toContain("prlimit --data=8589934592 /bin/postgres");
  expect(postgresScript("/bin", 128 * 1024 ** 2)).toContain("prlimit --data=1073741824 /bin/postgres");
});

test("the script becomes PostgreSQL, whose process is known by its command", () => {
  const command = readFileSync(`/proc/${postmaster()}/cmdline`, "utf8").split("\0");
  expect(command.slice(0, 3)).toEqual([join(bin, "postgres"), "-D", postgres.dataDirectory]);
});

test("what Patroni asks the program, it answers as PostgreSQL does", () => {
  for (const question of ["--version", "--describe-config"]) {
    expect(execFileSync(script, [question])).toEqual(execFileSync(join(bin, "postgres"), [question]));
  }
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
  expect(Number(row?.score)).toBe(500);
  expect(Number(score(postmaster()))).toBeLessThan(500);
});
