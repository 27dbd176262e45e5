import fc from "fast-check";
import { allowed } from "../../../../../components/postgres/parameters/allowed";
import { parameterProblems, renderOverrides } from "../../../../../components/postgres/parameters/check";
import { fixedDefaults } from "../../../../../components/postgres/parameters/defaults";
import { forced, owned } from "../../../../../components/postgres/parameters/forced";

type Overrides = Parameters<typeof parameterProblems>[0];
const messages = (overrides: Overrides, version = 15): string[] =>
  parameterProblems(overrides, version).map(({ message }) => message);

describe("an override", () => {
  test.each([
    ["work_mem", "64 MB", "64MB"],
    ["work_mem", "1536kB", "1536kB"],
    ["lock_timeout", "1500ms", "1500ms"],
    ["lock_timeout", 0, "0"],
    ["checkpoint_timeout", "15 minutes", "900s"],
    ["random_page_cost", "1.10", "1.1"],
    ["max_connections", "200", "200"],
    ["jit", true, "on"],
    ["jit", "off", "off"],
    ["huge_pages", true, "on"],
    ["huge_pages", "try", "try"],
    ["log_min_duration_statement", -1, "-1"],
    ["track_activity_query_size", "1025B", "1025B"],
    ["pgaudit.log", "ddl, role", "ddl,role"],
    ["pgaudit.log", "all,-misc_set", "all,-misc_set"],
  ])("of %s with %p becomes %s", (name, value, text) => {
    expect(messages({ [name]: value })).toEqual([]);
    expect(renderOverrides({ [name]: value }, 15)).toEqual({ [name]: text });
  });

  test.each([
    ["work_mem", 4096, /with its unit, such as "64 MB"/],
    ["work_mem", "4096", /with its unit/],
    ["work_mem", "1 kB", /from 64kB to 65536MB$/],
    ["lock_timeout", 30, /with its unit, such as "30 seconds", from 1s to 86400s, or 0/],
    ["max_connections", 12.5, /a whole number from 10 to 10000/],
    ["max_connections", true, /a whole number/],
    ["random_page_cost", "fast", /a number from 0.1 to 100/],
    ["jit", "perhaps", /true or false/],
    ["log_statement", "none", /ddl, mod, all/],
    ["work_mem", "1 constructor", /with its unit/],
    ["pgaudit.log", "ddl, rol", /a list such as "ddl, function", of ddl, .*-write, -all$/],
    ["pgaudit.log", "", /a list such as/],
    ["pgaudit.log", "--ddl", /a list such as/],
    ["pgaudit.log", "-none", /a list such as/],
    ["pgaudit.log", "DDL", /a list such as/],
  ])("of %s with %p is refused with what is allowed", (name, value, message) => {
    expect(parameterProblems({ [name]: value }, 15)).toEqual([
      { path: ["postgres", "parameters", name], message: expect.stringMatching(message) as string },
    ]);
    expect(() => renderOverrides({ [name]: value }, 15)).toThrow(name);
  });

  test("of an unknown parameter is refused with the nearest one, and without its value", () => {
    expect(messages({ wrk_mem: "hunter2" })).toEqual([expect.stringMatching(/did you mean "work_mem"\?$/)]);
    expect(messages({ wrk_mem: "hunter2" }).join()).not.toContain("hunter2");
  });

  test.each(["constructor", "hasOwnProperty"])("of %s is unknown, as it is for PostgreSQL", (name) => {
    expect(messages({ [name]: 1 })).toEqual([expect.stringContaining("not in the list")]);
  });

  test.each([
    ["fsync", /survive a crash/],
    ["port", /the platform sets it/],
    ["archive_timeout", /howdah:objectives/],
  ])("of %s is refused with the reason", (name, reason) => {
    expect(messages({ [name]: "off" })).toEqual([expect.stringMatching(reason)]);
  });

  test("of wal_compression depends on the version", () => {
    expect(messages({ wal_compression: "zstd" }, 14)).toHaveLength(1);
    expect(messages({ wal_compression: "zstd" }, 15)).toEqual([]);
  });

  test("is checked together with all others", () => {
    expect(messages({ jit: 3, work_mem: "8 MB", port: 1, max_wal_size: "big" })).toHaveLength(3);
  });
});

describe("the tables", () => {
  test("do not overlap: what may be overridden is neither forced nor owned", () => {
    expect(Object.keys(allowed).filter((name) => name in forced || name in owned)).toEqual([]);
    expect(Object.keys(forced).filter((name) => name in owned)).toEqual([]);
  });

  test("are sorted", () => {
    for (const table of [allowed, forced, owned]) expect(Object.keys(table)).toEqual(Object.keys(table).sort());
  });

  test("accept the defaults that may be overridden", () => {
    for (const workload of ["web", "oltp", "analytics"] as const)
      for (const storage of ["ssd", "hdd"] as const) {
        const input = {
          version: 15,
          cpus: 1,
          memoryBytes: 1,
          maxConnections: 1,
          pooledConnections: 1,
          archiveTimeoutSeconds: 1,
        };
        const defaults = Object.entries(fixedDefaults({ ...input, workload, storage, overrides: {} }));
        expect(messages(Object.fromEntries(defaults.filter(([name]) => name in allowed)))).toEqual([]);
      }
  });

  test("accept both ends of every range and nothing beyond", () => {
    const scalar = Object.entries(allowed).flatMap(([name, spec]) =>
      spec.kind === "integer" || spec.kind === "real" ? [{ name, ...spec }] : [],
    );
    expect(scalar.length).toBeGreaterThan(20);
    fc.assert(
      fc.property(fc.constantFrom(...scalar), ({ name, min, max }) => {
        expect(messages({ [name]: min })).toEqual([]);
        expect(messages({ [name]: max })).toEqual([]);
        expect(messages({ [name]: min - 1 })).toHaveLength(1);
        expect(messages({ [name]: max + 1 })).toHaveLength(1);
      }),
    );
  });
});
