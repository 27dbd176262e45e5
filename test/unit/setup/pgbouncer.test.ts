import { candidateOf, sourceLines } from "../../../setup/pgbouncer";

test.each([
  ["pgbouncer:\n  Installed: (none)\n  Candidate: 1.18.0-1+deb12u1\n  Version table:\n", "1.18.0-1+deb12u1"],
  ["pgbouncer:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n", undefined],
  ["", undefined],
])("apt's candidate in %j is %s", (policy, expected) => {
  expect(candidateOf(policy)).toBe(expected);
});

test("the source package comes from the mirrors of the machine's own release, signed by Debian", () => {
  const sources = [
    { uri: "http://mirror.example/debian-security/", suite: "bookworm-security" },
    { uri: "http://mirror.example/debian/", suite: "bookworm-updates" },
    { uri: "http://mirror.example/debian/", suite: "bookworm" },
  ];
  const signed = "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
  expect(sourceLines(sources, "trixie")).toEqual([
    `${signed} http://mirror.example/debian/ trixie main`,
    `${signed} http://mirror.example/debian-security/ trixie-security main`,
  ]);
  expect(sourceLines(sources.slice(2), "trixie")).toHaveLength(1);
  expect(sourceLines(sources.slice(0, 2), "trixie")).toEqual([]);
});
