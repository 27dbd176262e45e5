// Two projects: `unit` takes seconds a file, some with a server of its own; `e2e` builds whole stacks, each file on its own ports.
const common = {
  transform: {
    "^.+\\.[jt]s$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022", transform: { useDefineForClassFields: false } } },
    ],
  },
  testEnvironment: "node",
  // Not in /tmp, where another user could put code under the name that jest looks for.
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  // Of what is installed, only age and what it is made of are ES modules.
  transformIgnorePatterns: ["/node_modules/(?!(age-encryption|@noble|@scure)/)"],
};

module.exports = {
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["<rootDir>/test/e2e/", "<rootDir>/test/faults/"],
    },
    { ...common, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.test.ts"] },
  ],
};
