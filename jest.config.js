// Two projects: `unit` takes seconds a file, some with a server of its own; `e2e` builds whole stacks, each file on its own ports.
const common = {
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022", transform: { useDefineForClassFields: false } } },
    ],
  },
  testEnvironment: "node",
  // @pulumi/pulumi leaves nothing to transform; ours is TypeScript only.
  transformIgnorePatterns: ["/node_modules/"],
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
