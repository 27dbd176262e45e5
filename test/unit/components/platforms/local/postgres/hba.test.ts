import fc from "fast-check";
import { hostBasedAuthentication } from "../../../../../../components/platforms/local/postgres/patroni";

const allow = (reason: string) => [
  { cidr: "10.0.0.0/8", reason },
  { cidr: "127.0.0.1/32", reason: "this machine" },
];

/** Rules as PostgreSQL reads them: a backslash at the end of a line, in a comment too, joins the next one to it. */
const rules = (lines: readonly string[]): string[] =>
  lines
    .join("\n")
    .replaceAll("\\\n", "")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim());

test("the rules are the same whatever a reason says", () => {
  const expected = rules(hostBasedAuthentication(allow("the office")));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("\\", "\n", "\r", "\t", " ", "#", '"', "a") }), (reason) => {
      expect(rules(hostBasedAuthentication(allow(reason)))).toEqual(expected);
    }),
  );
});

test("a reason stands behind its rule, and the last rule refuses", () => {
  const lines = hostBasedAuthentication(allow("the  office\\"));
  expect(lines).toContain("hostssl all all 10.0.0.0/8 scram-sha-256 # the office");
  expect(lines.at(-1)).toBe("host all all all reject");
});
