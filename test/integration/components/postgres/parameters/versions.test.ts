import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSupported } from "../../../../../contracts/postgres-versions";
import { type ParameterInput, serverParameters } from "../../../../../components/postgres/parameters/parameters";
import { allowed } from "../../../../../components/postgres/parameters/allowed";
import { parameterProblems, renderOverrides } from "../../../../../components/postgres/parameters/check";
import { postgresSchema } from "../../../../../components/postgres/schema";
import { literal } from "../../../../../lib/sql/quote";
import { valuesOf } from "../../../../support/parameter-values";
import {
  binaries,
  startPostgres,
  type ThrowawayPostgres,
} from "../../../../support/servers/postgres/throwaway-postgres";

// Runs with a server of each major version (jest.config.js, project `majors`).

let postgres: ThrowawayPostgres | undefined;
afterEach(async () => {
  await postgres?.stop();
  postgres = undefined;
});

async function versionOf(server: ThrowawayPostgres): Promise<number> {
  const [row] = await server.sql<{ version: number }>(
    "postgres",
    "SELECT current_setting('server_version_num')::int / 10000 AS version",
  );
  return row?.version ?? 0;
}

const input = (version: number, workload: ParameterInput["workload"]): ParameterInput => ({
  version,
  memoryBytes: 512 * 1024 ** 2,
  cpus: 1,
  storage: "ssd",
  workload,
  maxConnections: 30,
  pooledConnections: 8,
  archiveTimeoutSeconds: 60,
  overrides: {},
});

/** What a throwaway server does not have; builds for tests lack lz4 and zstd, too. */
const ofTest = { archive_mode: "off", ssl: "off", synchronous_commit: "local", wal_compression: "on" };

/** A parameter and a value that the server does not take, in its own words; checked without being applied. */
async function refusals(
  server: ThrowawayPostgres,
  parameters: readonly (readonly [string, string])[],
): Promise<string[]> {
  const refused: string[] = [];
  for (const [name, value] of parameters)
    await server.sql("postgres", `ALTER SYSTEM SET ${name} = ${literal(value)}`).catch((error: unknown) => {
      refused.push(`${name} = ${value}: ${(error as Error).message}`);
    });
  return refused;
}

test("the server starts with the computed parameters of every workload", async () => {
  for (const workload of ["web", "oltp", "analytics"] as const) {
    postgres = await startPostgres();
    const version = await versionOf(postgres);
    expect(isSupported(version)).toBe(true);
    await postgres.stop();
    const parameters = { ...serverParameters(input(version, workload)), ...ofTest };
    postgres = await startPostgres(Object.entries(parameters).map(([name, value]) => `${name}=${value}`));
    expect(await postgres.sql("postgres", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await postgres.stop();
  }
}, 120_000);

test("the server takes every value that a config may have", async () => {
  const audited = existsSync(join(dirname(await binaries()), "lib", "pgaudit.so"));
  postgres = await startPostgres([`shared_preload_libraries=pg_stat_statements${audited ? ",pgaudit" : ""}`]);
  const version = await versionOf(postgres);
  const candidates = Object.entries(allowed).flatMap(([name, spec]) =>
    valuesOf(spec).map((value) => postgresSchema.parse({ parameters: { [name]: value } }).parameters),
  );
  const accepted = candidates.filter((overrides) => parameterProblems(overrides, version).length === 0);
  expect(accepted.length).toBeGreaterThan(candidates.length / 2);
  const rendered = accepted.flatMap((overrides) => Object.entries(renderOverrides(overrides, version)));
  const compressions = await postgres.sql<{ value: string }>(
    "postgres",
    "SELECT unnest(enumvals) AS value FROM pg_settings WHERE name = 'wal_compression'",
  );
  const built = new Set(["on", ...compressions.map(({ value }) => value)]);
  const asked = rendered
    .filter(([name, value]) => name !== "wal_compression" || built.has(value))
    .filter(([name]) => name !== "pgaudit.log" || audited);
  expect(await refusals(postgres, asked)).toEqual([]);
}, 120_000);

test("control: a parameter that the server does not know, or out of its range, is refused", async () => {
  postgres = await startPostgres();
  const wrong = [
    ["no_such_parameter", "1"],
    ["work_mem", "1kB"],
  ] as const;
  expect(await refusals(postgres, wrong)).toEqual([
    expect.stringContaining("unrecognized configuration parameter"),
    expect.stringContaining("outside the valid range"),
  ]);
});
