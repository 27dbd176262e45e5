import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { ageIdentity, ageRecipient, identityLine } from "../../../../components/backup/age-identity";

const password = fc.stringMatching(/^[A-Za-z0-9]{48}$/);
const keyOf = (seed: string): string => ageIdentity(seed).split("\n")[1] ?? "";

/** What age's own library makes of identities; it is an ES module only. */
function recipients(identities: readonly string[]): unknown {
  const script = `import("age-encryption").then(({ identityToRecipient }) =>
    Promise.all(process.argv.slice(1).map((one) => identityToRecipient(one)))).then((all) => console.log(JSON.stringify(all)))`;
  const said = execFileSync(process.execPath, ["-e", script, ...identities], { encoding: "utf8", cwd: __dirname });
  return JSON.parse(said);
}

test("any password makes an identity of the form that age reads, and another password another one", () => {
  fc.assert(
    fc.property(password, password, (one, other) => {
      expect(keyOf(one)).toMatch(/^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/);
      expect(keyOf(one)).toMatch(new RegExp(identityLine));
      expect(keyOf(one) === keyOf(other)).toBe(one === other);
    }),
  );
});

test("the recipient is the one that age's own library finds for the identity", () => {
  const passwords = fc.sample(password, 20);
  expect(passwords.map(ageRecipient)).toEqual(recipients(passwords.map(keyOf)));
});

test("neither the identity nor the recipient holds the password", () => {
  fc.assert(
    fc.property(password, (one) => {
      expect(`${ageIdentity(one)} ${ageRecipient(one)}`.toLowerCase()).not.toContain(one.toLowerCase());
    }),
  );
});
