import { poolerSchema } from "../../../../../components/pgbouncer/schema";
import { parameterRules } from "../../../../../components/postgres/parameters/rules";
import { serverParameters } from "../../../../../components/postgres/parameters/parameters";
import { postgresSchema } from "../../../../../components/postgres/schema";
import { brokenRules } from "../../../../../lib/values";
import { startPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

type Overrides = Record<string, string | number>;

const problemsOf = (parameters: Overrides, replicas = 2, pooler: object = {}): string[] =>
  brokenRules(parameterRules, {
    postgres: postgresSchema.parse({ parameters, replicas }),
    pooler: poolerSchema.parse(pooler),
  }).map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("serializable transactions by default", () => {
  test("are refused with replicas, which PostgreSQL would refuse them on", () => {
    expect(problemsOf({ default_transaction_isolation: "serializable" })).toEqual([
      expect.stringMatching(/^postgres\.parameters\.default_transaction_isolation: .*replicas/),
    ]);
  });

  test("are allowed without a replica, and repeatable read always", () => {
    expect(problemsOf({ default_transaction_isolation: "serializable" }, 0)).toEqual([]);
    expect(problemsOf({ default_transaction_isolation: "repeatable read" })).toEqual([]);
  });
});

describe("idle_session_timeout", () => {
  test.each([
    ["5 minutes", {}, 1],
    ["600 seconds", {}, 1],
    ["601 seconds", {}, 0],
    [0, {}, 0],
    ["5 minutes", { serverIdle: "1 minute" }, 0],
    ["30 minutes", { parameters: { min_pool_size: 1 } }, 1],
    ["2 hours", { parameters: { min_pool_size: 1 } }, 0],
  ])("of %p with the pooler's %j has %p problems", (value, pooler, count) => {
    expect(problemsOf({ idle_session_timeout: value }, 2, pooler)).toHaveLength(count);
  });
});

describe("temporary files", () => {
  const limit = (
    workload: "oltp" | "analytics",
    gigabytes: number,
    { overrides = {}, ...disk }: { overrides?: Overrides; diskBytes?: number } = {},
  ): string | undefined =>
    serverParameters({
      ...disk,
      version: 15,
      memoryBytes: gigabytes * 1024 ** 3,
      cpus: 2,
      storage: "ssd",
      workload,
      maxConnections: 40,
      pooledConnections: 20,
      archiveTimeoutSeconds: 60,
      overrides,
    })["temp_file_limit"];

  test("are limited by the memory and the disk, unless the user says otherwise", () => {
    expect(limit("oltp", 1)).toBe("4096MB");
    expect(limit("oltp", 16)).toBe("65536MB");
    expect(limit("analytics", 16)).toBe("262144MB");
    expect(limit("analytics", 1024)).toBe("1048576MB");
    expect(limit("oltp", 16, { diskBytes: 100 * 1024 ** 3 })).toBe("10240MB");
    expect(limit("oltp", 1, { diskBytes: 20 * 1024 ** 3 })).toBe("2048MB");
    expect(limit("oltp", 1, { overrides: { temp_file_limit: "100 GB" } })).toBe("102400MB");
    expect(limit("oltp", 1, { overrides: { temp_file_limit: -1 } })).toBe("-1");
  });

  test("beyond the limit end the statement with an error, and no login but a superuser lifts it", async () => {
    const postgres = await startPostgres(["temp_file_limit=8MB", "work_mem=64kB"]);
    try {
      await postgres.sql("postgres", "CREATE ROLE reports LOGIN");
      const sort = "SELECT count(*) FROM (SELECT g FROM generate_series(1, 2000000) g ORDER BY g::text) s";
      const as = (sql: string): Promise<unknown> => postgres.sql("postgres", `SET ROLE reports; ${sql}`);
      await expect(as(sort)).rejects.toMatchObject({ code: "53400" });
      await expect(as("SET temp_file_limit = -1")).rejects.toMatchObject({ code: "42501" });
      // Control: the same statement ends well without the limit.
      expect(await postgres.sql("postgres", `SET temp_file_limit = -1; ${sort}`)).toHaveLength(1);
    } finally {
      await postgres.stop();
    }
  });
});
