import fc from "fast-check";
import { scramVerifier } from "../../../../../../components/postgres/access/logins/scram";

const salt = Buffer.from("0123456789abcdef").toString("base64");

test("the verifier is the one of RFC 7677's example", () => {
  // RFC 7677 section 3: user "user", password "pencil"; keys as computed from its salt and 4096 rounds.
  expect(scramVerifier("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==")).toBe(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});

test("the same password and salt give the same verifier; another of either gives another", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{48}$/), (password) => {
      const verifier = scramVerifier(password, salt);
      expect(scramVerifier(password, salt)).toBe(verifier);
      expect(verifier).not.toContain(password);
      expect(scramVerifier(`${password}x`, salt)).not.toBe(verifier);
      expect(scramVerifier(password, Buffer.from("fedcba9876543210").toString("base64"))).not.toBe(verifier);
    }),
    { numRuns: 10 },
  );
});

test.each(["", "naïve", "line\nbreak"])("%j is refused: it is empty or needs SASLprep", (password) => {
  expect(() => scramVerifier(password, salt)).toThrow("printable ASCII");
});

test("a short salt is refused", () => {
  expect(() => scramVerifier("secret", Buffer.from("short").toString("base64"))).toThrow("16 bytes");
});
