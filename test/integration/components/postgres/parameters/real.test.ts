import { Client } from "pg";
import { poolerSchema } from "../../../../../components/pgbouncer/schema";
import { pinSettings } from "../../../../../components/postgres/access/logins/login-settings";
import {
  memoryProblems,
  type ParameterInput,
  serverParameters,
} from "../../../../../components/postgres/parameters/parameters";
import { allowed } from "../../../../../components/postgres/parameters/allowed";
import { parameterProblems } from "../../../../../components/postgres/parameters/check";
import { parameterRules } from "../../../../../components/postgres/parameters/rules";
import { postgresSchema } from "../../../../../components/postgres/schema";
import { brokenRules } from "../../../../../lib/values";
import { query } from "../../../../../cli/session/sql";
import { psql } from "../../../../../lib/sql/psql";
import { valuesOf } from "../../../../support/parameter-values";
import { type Replica, startReplica } from "../../../../support/servers/postgres/replica";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

type Overrides = ParameterInput["overrides"];

const version = 15;

// A copy of a cluster, its replica and a failover for each set of parameters.
jest.setTimeout(300_000);

const input = (overrides: Overrides): ParameterInput => ({
  version,
  memoryBytes: 512 * 1024 ** 2,
  cpus: 1,
  storage: "ssd",
  workload: "oltp",
  maxConnections: Number(overrides["max_connections"] ?? 30),
  pooledConnections: 8,
  archiveTimeoutSeconds: 60,
  overrides,
});

/** What a preview says against overrides, of a stack with replicas. */
function refusedBy(overrides: Overrides): string[] {
  const postgres = postgresSchema.parse({ parameters: overrides });
  const problems = [
    ...parameterProblems(overrides, version),
    ...brokenRules(parameterRules, { postgres, pooler: poolerSchema.parse({}) }),
  ];
  return (problems.length > 0 ? problems : memoryProblems(input(overrides))).map(({ message }) => message);
}

const candidates = Object.entries(allowed).flatMap(([name, spec]) => valuesOf(spec).map((value) => ({ name, value })));
// The machine decides of huge pages: a trial before the change tells (test/providers/host/patroni/trial.test.ts).
const accepted = candidates.filter(
  ({ name, value }) => refusedBy({ [name]: value }).length === 0 && !(name === "huge_pages" && value === "on"),
);

/** As few sets as hold every accepted value once, each of them accepted as a whole. */
function rounds(): Overrides[] {
  const sets: Record<string, string | number | boolean>[] = [];
  for (const { name, value } of accepted) {
    const fits = sets.find((set) => !(name in set) && refusedBy({ ...set, [name]: value }).length === 0);
    if (fits === undefined) sets.push({ [name]: value });
    else fits[name] = value;
  }
  return sets;
}

/** What a throwaway server does not have. */
const ofTest = { archive_mode: "off", ssl: "off", synchronous_commit: "local" };

let primary: ThrowawayPostgres | undefined;
let replica: Replica | undefined;
afterEach(async () => {
  await replica?.remove();
  await primary?.stop();
  replica = primary = undefined;
});

interface Pair {
  readonly first: { readonly socketDirectory: string; readonly port: number };
  readonly second: { readonly socketDirectory: string; readonly port: number };
}

/** A primary with a replica that run with the parameters. */
async function startPair(parameters: Readonly<Record<string, string>>): Promise<Pair> {
  const options = Object.entries({ ...parameters, ...ofTest }).map(([name, value]) => `${name}=${value}`);
  primary = await startPostgres(options);
  const { socketDirectory, port } = primary;
  const first = { socketDirectory, port };
  const roles = `CREATE ROLE app LOGIN; CREATE ROLE patroni SUPERUSER LOGIN; ${pinSettings("patroni")}`;
  await psql(first, {
    database: "postgres",
    sql: `${roles} CREATE TABLE public.work (x int); GRANT ALL ON public.work TO app`,
  });
  replica = await startReplica(primary, "127.0.0.2", options);
  return { first, second: { socketDirectory: replica.socketDirectory, port } };
}

/** One statement of a login that says nothing when it connects. */
async function plainly(at: Pair["first"], user: string, sql: string): Promise<unknown[]> {
  const client = new Client({ host: at.socketDirectory, port: at.port, user, database: "postgres" });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const recovering = "SELECT pg_catalog.pg_is_in_recovery() AS it";
const streaming = "SELECT 1 FROM pg_catalog.pg_stat_replication WHERE state = 'streaming'";

/** Looks until a statement has a row. */
async function awaitRow(at: Pair["first"], sql: string): Promise<void> {
  while ((await query(at, sql)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("every end of a range is accepted, or refused at preview with a reason", () => {
  const refused = candidates.filter((one) => !accepted.includes(one));
  for (const { name, value } of refused.filter(({ name }) => name !== "huge_pages")) {
    expect(refusedBy({ [name]: value })).toEqual([expect.stringContaining("allowed:")]);
  }
  expect(refused.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["default_transaction_isolation", "shared_buffers"]),
  );
  expect(new Set(accepted.map(({ name }) => name))).toEqual(new Set(Object.keys(allowed)));
});

test.each(rounds().map((overrides, at) => ({ at, overrides })))(
  "accepted values start, stream, serve and fail over: set $at",
  async ({ overrides }) => {
    const { first, second } = await startPair(serverParameters(input(overrides)));
    await awaitRow(first, streaming);
    // Applications, Patroni, the plugins and the commands, on both.
    await plainly(first, "app", "INSERT INTO public.work VALUES (1)");
    for (const at of [first, second]) {
      const it = at === second;
      expect(await plainly(at, "app", recovering)).toEqual([{ it }]);
      expect(await plainly(at, "patroni", recovering)).toEqual([{ it }]);
      expect(await psql(at, { database: "postgres", sql: recovering })).toBe(it ? "t" : "f");
      expect(await query(at, recovering)).toEqual([{ it }]);
    }
    await awaitRow(second, "SELECT 1 FROM public.work");
    await primary?.stop();
    primary = undefined;
    expect(await plainly(second, "patroni", "SELECT pg_catalog.pg_promote(true, 50) AS done")).toEqual([
      { done: true },
    ]);
    await plainly(second, "app", "INSERT INTO public.work VALUES (2)");
    expect(await query(second, "SELECT x FROM public.work ORDER BY x")).toEqual([{ x: 1 }, { x: 2 }]);
  },
);

test("control: serializable by default stops applications on a replica, and none of ours", async () => {
  const { second } = await startPair({ default_transaction_isolation: "serializable" });
  await expect(plainly(second, "app", recovering)).rejects.toThrow("serializable");
  expect(await plainly(second, "patroni", recovering)).toEqual([{ it: true }]);
  expect(await query(second, recovering)).toEqual([{ it: true }]);
  expect(await psql(second, { database: "postgres", sql: recovering })).toBe("t");
});
