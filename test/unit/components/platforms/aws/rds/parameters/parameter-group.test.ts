import fc from "fast-check";
import { toBaseUnit } from "../../../../../../../components/platforms/aws/rds/parameters/base-unit";
import {
  overrideProblems,
  ownershipReason,
  parameterFamily,
  rdsParameters,
} from "../../../../../../../components/platforms/aws/rds/parameters/parameter-group";
import {
  type Engine,
  ownedByService,
  parameterTable,
} from "../../../../../../../components/platforms/aws/rds/parameters/parameter-table";
import { defaults } from "../../../../../../../components/platforms/aws/defaults";
import {
  extensionDefaults,
  extensionParameters,
  withDemanded,
} from "../../../../../../../components/postgres/extensions/extensions";
import { databasesSchema } from "../../../../../../../components/postgres/schema";
import { type ParameterInput, serverParameters } from "../../../../../../../components/postgres/parameters/parameters";
import { allowed } from "../../../../../../../components/postgres/parameters/allowed";
import { forced, owned } from "../../../../../../../components/postgres/parameters/forced";
import { renderMemory, renderTime } from "../../../../../../../lib/units";

const GB = 1024 ** 3;
const engines: Engine[] = ["postgres", "aurora-postgresql"];
const databases = withDemanded(databasesSchema.parse({ app: {} }), "none", defaults.extensions);
const base: ParameterInput = {
  version: 15,
  memoryBytes: 24 * GB,
  cpus: 4,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 100,
  pooledConnections: 80,
  archiveTimeoutSeconds: 60,
  extensionParameters: extensionParameters(databases),
  overrides: extensionDefaults(databases),
};
const server = serverParameters(base);
const valuesOf = (group: ReturnType<typeof rdsParameters>): Record<string, string> =>
  Object.fromEntries(group.map(({ name, value }) => [name, value]));
const group = (changes: Partial<Parameters<typeof rdsParameters>[0]> = {}) =>
  rdsParameters({ engine: "postgres", parameters: server, ...changes });

const inputs: fc.Arbitrary<ParameterInput> = fc.record({
  version: fc.integer({ min: 14, max: 18 }),
  memoryBytes: fc.integer({ min: 4 * GB, max: 1536 * GB }),
  cpus: fc.integer({ min: 1, max: 192 }),
  storage: fc.constantFrom("ssd", "hdd"),
  workload: fc.constantFrom("web", "oltp", "analytics"),
  maxConnections: fc.integer({ min: 20, max: 400 }),
  pooledConnections: fc.integer({ min: 0, max: 400 }),
  archiveTimeoutSeconds: fc.integer({ min: 1, max: 3600 }),
  overrides: fc.constant({}),
});

describe("the table of parameters", () => {
  test("has a row or a reason for every parameter that a server may get, by the program or its user", () => {
    const names = [...Object.keys(server), ...Object.keys(allowed), ...Object.keys(forced), ...Object.keys(owned)];
    for (const name of names) for (const engine of engines) expect(() => ownershipReason(engine, name)).not.toThrow();
  });

  test("says of no parameter both", () => {
    expect(Object.keys(parameterTable).filter((name) => Object.hasOwn(ownedByService, name))).toEqual([]);
  });

  test("knows no other name (control)", () => {
    for (const name of ["wal_buffer", "constructor", ""])
      expect(() => ownershipReason("postgres", name)).toThrow(RangeError);
    expect(() => group({ parameters: { ...server, wal_buffer: "16MB" } })).toThrow(/wal_buffer is in no table/);
  });
});

describe("a value", () => {
  const memory = { B: 1, kB: 1024, "8kB": 8192, MB: 1024 ** 2 } as const;
  const time = { ms: 1, s: 1000, min: 60_000 } as const;
  const figures = fc.integer({ min: 0, max: 2 ** 31 - 1 });

  test("of memory comes back from the unit of the group as it was", () => {
    fc.assert(
      fc.property(fc.constantFrom(...(["kB", "8kB", "MB"] as const)), figures, (unit, figure) => {
        expect(toBaseUnit(renderMemory(figure * memory[unit]), unit)).toBe(String(figure));
        expect(toBaseUnit(`${figure}B`, "B")).toBe(String(figure));
      }),
    );
  });

  test("of time comes back from the unit of the group as it was", () => {
    fc.assert(
      fc.property(fc.constantFrom(...(["ms", "s", "min"] as const)), figures, (unit, figure) => {
        expect(toBaseUnit(renderTime(figure * time[unit]), unit)).toBe(String(figure));
      }),
    );
  });

  test("that is no whole number of the unit has no figure", () => {
    fc.assert(
      fc.property(figures, fc.integer({ min: 1, max: 7 }), (pages, rest) => {
        expect(toBaseUnit(`${8 * pages + rest}kB`, "8kB")).toBeUndefined();
        expect(toBaseUnit(`${1000 * pages + rest}ms`, "s")).toBeUndefined();
      }),
    );
  });

  test.each([
    ["4096MB", "8kB", "524288"],
    ["30s", "ms", "30000"],
    ["15min", "s", "900"],
    ["3d", "min", "4320"],
    ["-1", "kB", "-1"],
    ["0", "B", "0"],
    ["0.02", "none", "0.02"],
    ["on", "boolean", "1"],
    ["off", "boolean", "0"],
    ["read committed", "text", "read committed"],
    ["yes", "boolean", undefined],
    ["constructor", "boolean", undefined],
    ["16MB", "none", undefined],
    ["16MB", "s", undefined],
    ["16 parsecs", "kB", undefined],
    ["", "none", undefined],
  ] as const)("%p in %s is %p", (value, unit, figure) => {
    expect(toBaseUnit(value, unit)).toBe(figure);
  });
});

describe("a parameter group", () => {
  test("has a value in its own unit for all workloads, versions and sizes, sorted, and within what the service takes", () => {
    fc.assert(
      fc.property(inputs, fc.constantFrom(...engines), (input, engine) => {
        const names = rdsParameters({ engine, parameters: serverParameters(input) });
        expect(names.map(({ name }) => name)).toEqual([...new Set(names.map(({ name }) => name))].sort());
        for (const { name, value } of names) {
          const unit = parameterTable[name]!.unit;
          if (unit !== "text") expect([name, value]).toEqual([name, expect.stringMatching(/^-?\d+(\.\d+)?$/)]);
          if (unit === "boolean") expect(["0", "1"]).toContain(value);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("has the memory in pages and kB, the times in the parameter's own unit", () => {
    expect(valuesOf(group())).toMatchObject({
      shared_buffers: "786432",
      effective_cache_size: "2359296",
      maintenance_work_mem: "1572864",
      wal_buffers: "2048",
      max_wal_size: "8192",
      lock_timeout: "30000",
      checkpoint_timeout: "900",
      autovacuum_vacuum_cost_delay: "2",
      track_activity_query_size: "4096",
      log_temp_files: "10240",
      max_connections: "100",
      random_page_cost: "1.1",
      log_connections: "1",
      jit: "0",
      "pg_stat_statements.track": "TOP",
    });
  });

  test.each(engines)("of %s refuses plain text, old passwords and old TLS, and audits", (engine) => {
    const weak = { ...server, password_encryption: "md5", ssl_min_protocol_version: "TLSv1" };
    expect(valuesOf(group({ engine, parameters: weak }))).toMatchObject({
      "rds.force_ssl": "1",
      "rds.accepted_password_auth_method": "scram",
      password_encryption: "scram-sha-256",
      ssl_min_protocol_version: "TLSv1.2",
      shared_preload_libraries: "pg_stat_statements,pgaudit",
      "pgaudit.log": "ddl,role",
      "pgaudit.log_parameter": "0",
      "pgaudit.role": "rds_pgaudit",
      log_parameter_max_length: "0",
      log_connections: "1",
      log_disconnections: "1",
      log_statement: "ddl",
      log_min_duration_statement: "1000",
      "rds.log_retention_period": "4320",
    });
  });

  test("waits for a restart with a static parameter, and with no other", () => {
    const methods = Object.fromEntries(group().map(({ name, applyMethod }) => [name, applyMethod]));
    expect(methods).toMatchObject({
      shared_buffers: "pending-reboot",
      max_connections: "pending-reboot",
      shared_preload_libraries: "pending-reboot",
      work_mem: "immediate",
      "rds.force_ssl": "immediate",
    });
  });

  test("of Aurora is without WAL, checkpoints and the cache, which are the engine's", () => {
    const names = Object.keys(valuesOf(group({ engine: "aurora-postgresql" })));
    expect(names).toEqual(expect.arrayContaining(["work_mem", "max_connections", "autovacuum"]));
    expect(
      names.filter((name) => /^(checkpoint|bgwriter|wal_(keep|buffers|writer))|_wal_size|shared_buffers/.test(name)),
    ).toEqual([]);
  });

  test("of an Aurora cluster and that of its instances have each parameter once", () => {
    const engine = "aurora-postgresql";
    const [cluster, instance] = (["cluster", "instance"] as const).map((level) => group({ engine, level }));
    expect(valuesOf(cluster!)).toHaveProperty(["rds.force_ssl"], "1");
    expect(valuesOf(cluster!)).toHaveProperty("autovacuum_max_workers");
    expect(valuesOf(instance!)).toHaveProperty("work_mem");
    expect([...cluster!, ...instance!].map(({ name }) => name).sort()).toEqual(
      group({ engine }).map(({ name }) => name),
    );
  });

  test("replicates logically where that is asked for only", () => {
    expect(valuesOf(group())).not.toHaveProperty(["rds.logical_replication"]);
    expect(group({ logicalReplication: true })).toContainEqual({
      name: "rds.logical_replication",
      value: "1",
      applyMethod: "pending-reboot",
    });
  });

  test("is not made of a value that has no exact figure, or that the service refuses (control)", () => {
    const having = (parameters: Record<string, string>) => () => group({ parameters: { ...server, ...parameters } });
    expect(having({ shared_buffers: "100kB" })).toThrow(/shared_buffers: found "100kB"; allowed .*whole 8kB/);
    expect(having({ checkpoint_timeout: "90500ms" })).toThrow(/whole s/);
    expect(having({ max_connections: "5" })).toThrow(/6 to 262143/);
    expect(having({ jit: "maybe" })).toThrow(/on or off/);
    expect(having({ synchronous_commit: "remote_apply" })).toThrow(/local, on, off/);
    expect(having({ shared_buffers: "104kB" })).not.toThrow();
  });

  test("belongs to a family of the engine and its major version", () => {
    expect(engines.map((engine) => parameterFamily(engine, 15))).toEqual(["postgres15", "aurora-postgresql15"]);
  });
});

describe("an override", () => {
  const messages = (engine: Engine, overrides: ParameterInput["overrides"]): string[] =>
    overrideProblems({ engine, version: 15, overrides }).map(({ path, message }) => `${path.join(".")} ${message}`);

  test("that the engine would not take is refused with the reason, and is never dropped in silence", () => {
    expect(
      messages("aurora-postgresql", { shared_buffers: "1 GB", work_mem: "8 MB", checkpoint_timeout: "5min" }),
    ).toEqual([
      expect.stringMatching(/^postgres\.parameters\.shared_buffers cannot be overridden with engine aurora.*own cache/),
      expect.stringMatching(/^postgres\.parameters\.checkpoint_timeout cannot be overridden/),
    ]);
    expect(messages("postgres", { huge_pages: "on" })).toEqual([
      expect.stringMatching(/huge_pages cannot.*instance class/),
    ]);
  });

  test("outside the service's own range is refused with that range", () => {
    expect(messages("postgres", { autovacuum_freeze_max_age: 1_500_000_000 })).toEqual([
      expect.stringMatching(/freeze_max_age found 1500000000; allowed with engine postgres: 100000000 to 750000000$/),
    ]);
    expect(messages("aurora-postgresql", { max_standby_streaming_delay: "1 minute" })).toEqual([
      expect.stringMatching(/allowed with engine aurora-postgresql: 1000 to 30000 \(ms\)/),
    ]);
    expect(messages("postgres", { max_standby_streaming_delay: "1 minute" })).toHaveLength(0);
  });

  test("of pgaudit.log has only classes that the service knows, in its notation", () => {
    for (const engine of engines) {
      expect(messages(engine, { "pgaudit.log": "all, -misc" })).toEqual([]);
      expect(messages(engine, { "pgaudit.log": "ddl, role, misc_set" })).toEqual([
        expect.stringMatching(/found "ddl, role, misc_set"; allowed with engine .*: ddl, function, misc, read/),
      ]);
    }
    const overridden = serverParameters({ ...base, overrides: { "pgaudit.log": "ddl, role, write" } });
    expect(valuesOf(group({ parameters: overridden }))).toMatchObject({ "pgaudit.log": "ddl,role,write" });
  });

  test("that both take passes (control)", () => {
    for (const engine of engines)
      expect(
        messages(engine, { work_mem: "8 MB", statement_timeout: "5min", "pg_stat_statements.track": "all" }),
      ).toEqual([]);
  });
});
