import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { ageIdentity } from "../../../components/backup/age-identity";

const keyOf = (seed: Uint8Array): string => ageIdentity(Buffer.from(seed).toString("base64")).split("\n")[1] ?? "";

test("any 32 bytes make an identity of the form that age reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
      expect(keyOf(seed)).toMatch(/^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/);
    }),
  );
});

test("age's own library reads it", () => {
  const script = `import("age-encryption").then(({ identityToRecipient }) => identityToRecipient(process.argv[1])).then(console.log)`;
  const recipient = execFileSync(process.execPath, ["-e", script, keyOf(new Uint8Array(32).fill(7))], {
    encoding: "utf8",
    cwd: __dirname,
  });
  expect(recipient.trim()).toMatch(/^age1[02-9ac-hj-np-z]{58}$/);
});
