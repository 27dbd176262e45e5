import { ownWords } from "../../ops/as-owner";

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
