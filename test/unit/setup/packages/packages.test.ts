import {
  checkPostgresVersion,
  missingMessage,
  missingPackages,
  neededPackages,
  wantedPostgres,
} from "../../../../setup/packages/packages";

describe("Debian packages of the local platform", () => {
  test("are known by a program of each, for the major version asked for", () => {
    expect(neededPackages({ postgres: 17 })[0]).toMatchObject({
      name: "postgresql-17",
      program: "/usr/lib/postgresql/17/bin/postgres",
    });
  });

  test("are missing exactly where their program is", () => {
    expect(missingPackages({ postgres: 15 }, () => true)).toEqual([]);
    const missing = missingPackages({ postgres: 15 }, (program) => program !== "/usr/bin/etcd");
    expect(missing.map(({ name }) => name)).toEqual(["etcd-server"]);
  });

  test("for the other exporter are only for tests", () => {
    const names = (servers: Parameters<typeof neededPackages>[0]) => neededPackages(servers).map(({ name }) => name);
    expect(names({ postgres: 15, monitoring: true, tests: true })).toContain("prometheus-postgres-exporter");
    expect(names({ postgres: 15, monitoring: true })).not.toContain("prometheus-postgres-exporter");
  });

  test("of extensions are known by their control file", () => {
    const extensions = [{ name: "postgresql-15-pgvector", extension: "vector" }];
    const control = "/usr/share/postgresql/15/extension/vector.control";
    const missing = missingPackages({ postgres: 15, extensions }, (program) => program !== control);
    expect(missing).toEqual([{ name: "postgresql-15-pgvector", program: control }]);
    expect(missingPackages({ postgres: 15 }, (program) => program !== control)).toEqual([]);
  });

  test("are each named without root, with the command to run", () => {
    const message = missingMessage(missingPackages({ postgres: 15 }, (program) => !/haproxy|postgres/.test(program)));
    expect(message).toContain(
      "2 Debian packages are missing: postgresql-15 (/usr/lib/postgresql/15/bin/postgres), haproxy",
    );
    expect(message).toContain("sudo apt-get install --no-install-recommends postgresql-15 haproxy\n");
  });

  test.each([13, 19, Number.NaN, 15.5])("refuse PostgreSQL %d and say what is allowed", (version) => {
    expect(() => {
      checkPostgresVersion(version);
    }).toThrow(/not supported: use a major version from 14 to 18/);
  });

  test.each([14, 15, 18])("take PostgreSQL %d", (version) => {
    expect(() => {
      checkPostgresVersion(version);
    }).not.toThrow();
  });

  test.each([
    ["config:\n  howdah:postgres:\n    version: 17\n", 17],
    ["config: { 'howdah:postgres': { replicas: 1, version: 14 } }", 14],
    ["config:\n  howdah:postgres:\n    version: 13\n", undefined],
    ["config:\n  howdah:postgres:\n    version: '17'\n", undefined],
    ["config:\n  howdah:platform: local\n", undefined],
    ["version: 17", undefined],
    [undefined, undefined],
  ])("follow the version of the stack's config: %j", (config, version) => {
    expect(wantedPostgres(config)).toBe(version);
  });
});
