import fc from "fast-check";
import {
  memoryProblems,
  type ParameterInput,
  serverParameters,
  worstCaseMemory,
  preparedThatFit,
} from "../../../../../components/postgres/parameters/parameters";
import { forced, owned } from "../../../../../components/postgres/parameters/forced";
import { memoryBytes } from "../../../../../lib/units";

const GB = 1024 ** 3;
const base: ParameterInput = {
  version: 15,
  memoryBytes: 24 * GB,
  cpus: 2,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 100,
  pooledConnections: 80,
  archiveTimeoutSeconds: 60,
  overrides: {},
};
const having = (changes: Partial<ParameterInput>): Record<string, string> => serverParameters({ ...base, ...changes });

const inputs: fc.Arbitrary<ParameterInput> = fc.record({
  version: fc.integer({ min: 14, max: 18 }),
  memoryBytes: fc.integer({ min: 27, max: 44 }).chain((bits) => fc.integer({ min: 2 ** bits / 2, max: 2 ** bits })),
  cpus: fc.integer({ min: 1, max: 192 }),
  storage: fc.constantFrom("ssd", "hdd"),
  workload: fc.constantFrom("web", "oltp", "analytics"),
  maxConnections: fc.integer({ min: 10, max: 5000 }),
  pooledConnections: fc.integer({ min: 0, max: 5000 }),
  preparedStatements: fc.integer({ min: 0, max: 200 }),
  archiveTimeoutSeconds: fc.constant(60),
  overrides: fc.record(
    {
      work_mem: fc.constantFrom("64 kB", "4 MB", "1 GB"),
      shared_buffers: fc.constantFrom("128MB", "8GB"),
      maintenance_work_mem: fc.constantFrom("64MB", "2GB"),
      hash_mem_multiplier: fc.constantFrom(1, 2.5, 8),
      temp_buffers: fc.constantFrom("1MB", "100MB"),
      max_parallel_workers: fc.integer({ min: 0, max: 64 }),
      max_locks_per_transaction: fc.integer({ min: 10, max: 4096 }),
    },
    { requiredKeys: [] },
  ),
});

/** The claim, written again: PostgreSQL's documentation of each parameter, every connection at its worst. */
function peak(parameters: Record<string, string>, connections: number, pooled: number): number {
  const size = (name: string): number => memoryBytes(parameters[name]!)!;
  const busy = Math.min(connections, pooled);
  const workers = Number(parameters.max_parallel_workers);
  const hash = size("work_mem") * Math.max(1, Number(parameters.hash_mem_multiplier));
  return (
    size("shared_buffers") +
    size("maintenance_work_mem") +
    Number(parameters.autovacuum_max_workers) * size("autovacuum_work_mem") +
    (busy + workers) * (2 * hash + size("temp_buffers")) +
    (connections - busy) * hash +
    (connections + workers) * 2 * 1024 ** 2
  );
}

const allPooled = (connections: number) => ({ maxConnections: connections, pooledConnections: connections });

describe("memory", () => {
  test("is never over-committed, whatever the size, the connections and the overrides", () => {
    let accepted = 0;
    fc.assert(
      fc.property(inputs, (input) => {
        fc.pre(memoryProblems(input).length === 0);
        accepted += 1;
        const parameters = serverParameters(input);
        const { memoryBytes: memory, maxConnections, pooledConnections } = input;
        expect(worstCaseMemory(parameters, input)).toBeLessThanOrEqual(memory);
        expect(peak(parameters, maxConnections, pooledConnections)).toBeLessThanOrEqual(memory);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test("counts what it is given (control: Pigsty's and autobase's figures do over-commit 24 GiB)", () => {
    const parameters = { ...having({}), work_mem: "64MB" };
    expect(worstCaseMemory(parameters, allPooled(500))).toBeGreaterThan(24 * GB);
    expect(worstCaseMemory(parameters, allPooled(1000))).toBeGreaterThan(
      2 * worstCaseMemory(parameters, allPooled(400)),
    );
  });

  test("counts the prepared statements of each pooled connection", () => {
    const parameters = having({});
    const sessions = { maxConnections: 100, pooledConnections: 80 };
    const [without, having100] = [0, 100].map((preparedStatements) =>
      worstCaseMemory(parameters, { ...sessions, preparedStatements }),
    );
    expect(having100! - without!).toBe(80 * 100 * 64 * 1024);
  });

  test("has fewer prepared statements, rather than a config that is refused for them", () => {
    // What `make bench` runs, which howdah accepted before it counted them.
    const tight = { ...base, memoryBytes: GB / 2, maxConnections: 90, pooledConnections: 24 };
    expect(memoryProblems({ ...tight, preparedStatements: 10 })).not.toEqual([]);
    const fitting = preparedThatFit(tight, 10);
    expect(fitting).toBeGreaterThanOrEqual(1);
    expect(memoryProblems({ ...tight, preparedStatements: fitting })).toEqual([]);
    expect(preparedThatFit(base, 200)).toBe(200);
  });

  test("never has more prepared statements than asked for, and is refused for them only if one is too many", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 200 }), (input, wanted) => {
        const count = preparedThatFit(input, wanted);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(wanted);
        const problems = (preparedStatements: number) => memoryProblems({ ...input, preparedStatements }).length;
        expect(problems(count)).toBeLessThanOrEqual(problems(1));
      }),
    );
  });

  test("is used: work_mem takes what the rest leaves", () => {
    const parameters = having({});
    expect(worstCaseMemory(parameters, { maxConnections: 100, pooledConnections: 80 })).toBeGreaterThan(23.5 * GB);
  });

  test("is refused with the reason where the connections do not fit", () => {
    const input = { ...base, memoryBytes: GB / 4, maxConnections: 400, pooledConnections: 300 };
    expect(memoryProblems(input)).toEqual([
      {
        path: ["postgres", "memory"],
        message: expect.stringMatching(/found 256 MB, but 400 connections \(300 of them/) as string,
      },
    ]);
    expect(() => serverParameters(input)).toThrow(/256 MB/);
  });

  test("is refused where an override takes too much, and passes with a smaller one", () => {
    expect(memoryProblems({ ...base, overrides: { work_mem: "1 GB" } })).toHaveLength(1);
    expect(memoryProblems({ ...base, overrides: { work_mem: "8 MB" } })).toEqual([]);
  });

  test("is shared out by the published formulas", () => {
    expect(having({})).toMatchObject({
      shared_buffers: "6144MB",
      effective_cache_size: "18432MB",
      maintenance_work_mem: "1536MB",
      autovacuum_work_mem: "384MB",
      wal_buffers: "16MB",
      min_wal_size: "2048MB",
      max_wal_size: "8192MB",
    });
  });

  test("gives a query more where fewer are pooled", () => {
    const [few, many] = [20, 80].map((pooledConnections) => memoryBytes(having({ pooledConnections }).work_mem!)!);
    expect(few).toBeGreaterThan(1.4 * many!);
  });
});

describe("the parameters", () => {
  test("are sorted, and all have a value", () => {
    const parameters = having({});
    expect(Object.keys(parameters)).toEqual(Object.keys(parameters).sort());
    expect(Object.values(parameters).filter((value) => value === "" || /NaN|undefined|Infinity/.test(value))).toEqual(
      [],
    );
  });

  test("take the user's override over the default, in PostgreSQL's notation", () => {
    const overrides = {
      lock_timeout: "2 minutes",
      random_page_cost: 1.5,
      jit: true,
      wal_keep_size: "2GB",
      log_min_duration_statement: -1,
    };
    expect(having({ overrides })).toMatchObject({
      lock_timeout: "120s",
      random_page_cost: "1.5",
      jit: "on",
      wal_keep_size: "2048MB",
      log_min_duration_statement: "-1",
    });
  });

  test("derive from an override what depends on it", () => {
    const sizes = ["1 GB", "12 GB"].map((shared_buffers) => having({ overrides: { shared_buffers } }).work_mem!);
    expect(memoryBytes(sizes[0]!)).toBeGreaterThan(memoryBytes(sizes[1]!)!);
  });

  test("throw on an override of what safety depends on, so that none can reach a server", () => {
    for (const name of [...Object.keys(forced), ...Object.keys(owned)])
      expect(() => having({ overrides: { [name]: "off" } })).toThrow(name);
  });

  test("hold the forced values", () => {
    expect(having({})).toMatchObject({
      fsync: "on",
      full_page_writes: "on",
      ssl: "on",
      wal_level: "replica",
      archive_mode: "on",
    });
  });

  test("leave to the platform what is the platform's", () => {
    expect(Object.keys(having({}))).not.toEqual(expect.arrayContaining(["archive_command"]));
    const platforms = Object.keys(owned).filter(
      (name) => !["archive_timeout", "superuser_reserved_connections"].includes(name),
    );
    expect(Object.keys(having({})).filter((name) => platforms.includes(name))).toEqual([]);
  });

  test("carry the connections and the archive timeout of the input", () => {
    expect(having({ archiveTimeoutSeconds: 45 })).toMatchObject({ max_connections: "100", archive_timeout: "45s" });
    expect(having({ overrides: { max_connections: 120 }, maxConnections: 120 }).max_connections).toBe("120");
  });

  test("suit the version: PostgreSQL 14 knows one way to compress WAL", () => {
    expect([14, 15, 18].map((version) => having({ version }).wal_compression)).toEqual(["on", "lz4", "lz4"]);
  });

  test("suit the storage and the workload", () => {
    expect(having({ storage: "hdd" })).toMatchObject({ random_page_cost: "4", effective_io_concurrency: "2" });
    expect(having({ workload: "analytics", cpus: 16 })).toMatchObject({
      jit: "on",
      default_statistics_target: "500",
      max_parallel_workers_per_gather: "8",
      max_wal_size: "16384MB",
    });
  });

  test.each([
    [2, "0", "3"],
    [8, "4", "3"],
    [16, "4", "4"],
    [64, "4", "5"],
  ])("with %d cores give a query %s workers and autovacuum %s", (cpus, perQuery, autovacuum) => {
    expect(having({ cpus })).toMatchObject({
      max_parallel_workers: String(cpus),
      max_parallel_workers_per_gather: perQuery,
      autovacuum_max_workers: autovacuum,
    });
  });

  test("keep enough WAL for a slot and let no slot fill the disk", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        fc.pre(memoryProblems(input).length === 0);
        const parameters = serverParameters(input);
        const size = (name: string): number => memoryBytes(parameters[name]!)!;
        expect(size("min_wal_size")).toBeLessThanOrEqual(size("max_wal_size"));
        expect(size("wal_keep_size")).toBeLessThanOrEqual(size("max_slot_wal_keep_size"));
      }),
    );
  });
});
