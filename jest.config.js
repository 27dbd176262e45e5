// Six projects: `unit` computes, and starts nothing; `graph` builds whole programs under strict mocks; `integration` starts single
// servers and programs; `cloud` runs the real engine on simulated plugins; `e2e` builds whole stacks on real servers, each file on
// its own ports. `majors` is a selection of `integration`, see below.
const common = {
  transform: {
    "^.+\\.[jt]s$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022", transform: { useDefineForClassFields: false } } },
    ],
  },
  testEnvironment: "node",
  setupFiles: ["<rootDir>/test/support/jest/plain.ts"],
  // Not in /tmp, where another user could put code under the name that jest looks for.
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  // Of what is installed, only age and what it is made of are ES modules.
  transformIgnorePatterns: ["/node_modules/(?!(age-encryption|@noble|@scure)/)"],
};

const unit = {
  ...common,
  displayName: "unit",
  testMatch: ["<rootDir>/test/unit/**/*.test.ts"],
  setupFiles: [...common.setupFiles, "<rootDir>/test/support/jest/pure.ts"],
};
const graph = { ...common, displayName: "graph", testMatch: ["<rootDir>/test/graph/**/*.test.ts"] };
const integration = {
  ...common,
  displayName: "integration",
  testMatch: ["<rootDir>/test/integration/**/*.test.ts"],
};
const cloud = { ...common, displayName: "cloud", testMatch: ["<rootDir>/test/e2e/cloud/**/*.test.ts"] };
const e2e = {
  ...common,
  displayName: "e2e",
  testMatch: ["<rootDir>/test/e2e/**/*.test.ts"],
  testPathIgnorePatterns: ["<rootDir>/test/e2e/cloud/", "<rootDir>/test/e2e/incidents.test.ts"],
};
// Not part of `make test`: `make test-incidents`. It takes half an hour, most of it waiting, which `make test` has no room for.
const incidents = { ...common, displayName: "incidents", testMatch: ["<rootDir>/test/e2e/incidents.test.ts"] };

// What asks the catalogs of a server, or sets its parameters: with servers of other major versions, which HOWDAH_TEST_POSTGRES names
// (dev/test.ts). They have no TLS and no client programs.
const majors = {
  ...common,
  displayName: "majors",
  testMatch: [
    "cli/drill/evidence",
    "cli/metrics/sql-sets",
    "cli/restore/in-place/roles",
    "components/pgbouncer/auth-query/superuser",
    "components/platforms/local/postgres/superuser/*",
    "components/postgres/parameters/versions",
    "lib/sql/session",
    "providers/host/patroni/{applied,host-rules}",
    "providers/host/resources/script",
    "providers/stand-ins/postgresql/**/*",
  ].map((name) => `<rootDir>/test/integration/${name}.test.ts`),
};

module.exports = {
  projects: [unit, graph, integration, majors, cloud, e2e, incidents],
  testSequencer: "<rootDir>/test/support/jest/longest-first.mjs",
  // Of a test and of a hook, most of which start servers. In a project it would have no effect: jest-circus takes it from here only.
  testTimeout: 60_000,
};
