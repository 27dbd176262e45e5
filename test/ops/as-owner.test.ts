import { ownEnvironment, ownWords } from "../../ops/as-owner";

test.each([
  [
    ["backup", "full"],
    ["backup", "full"],
  ],
  [["--stack", "a", "backup"], ["backup"]],
  [
    ["backup", "--stack=a", "--json"],
    ["backup", "--json"],
  ],
  [
    ["--job-file", "/a", "--job-file=/b", "drill", "--set", "random"],
    ["drill", "--set", "random"],
  ],
])("of %j the servers' user gets %j", (words, own) => {
  expect(ownWords(words)).toEqual(own);
});

test("the servers' user sees nothing of the engine's environment", () => {
  const root = {
    PATH: "/bin",
    PULUMI_CONFIG_PASSPHRASE: "secret",
    PULUMI_ACCESS_TOKEN: "secret",
    AWS_PROFILE: "backup",
  };
  expect(ownEnvironment(root)).toEqual({ PATH: "/bin", AWS_PROFILE: "backup" });
});
