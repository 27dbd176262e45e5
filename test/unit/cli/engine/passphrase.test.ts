import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locations, type Locations } from "../../../../lib/paths";
import { ensurePassphrase, opensSalt } from "../../../../cli/engine/passphrase";

/** Written by Pulumi v3.255.0 for the passphrase "correct horse". */
const salt = "v1:VB6rKce9SSk=:v1:+bq5Rfryk/uLWIiD:1pooHb31fMgBl3yKxQp3Idy1c6bhRA==";

const fresh = (): Locations =>
  locations({ HOWDAH_STATE_ROOT: mkdtempSync(join(tmpdir(), "pass-")) }, { uid: 0, home: "/root" });

describe("the passphrase of local stacks", () => {
  test("is made once, from 32 random bytes, readable by its owner only", () => {
    const at = fresh();
    ensurePassphrase(at);
    const text = readFileSync(at.passphraseFile, "utf8");
    expect(Buffer.from(text, "base64")).toHaveLength(32);
    expect(statSync(at.passphraseFile).mode & 0o777).toBe(0o600);
    ensurePassphrase(at);
    expect(readFileSync(at.passphraseFile, "utf8")).toBe(text);
    const other = fresh();
    ensurePassphrase(other);
    expect(readFileSync(other.passphraseFile, "utf8")).not.toBe(text);
  });

  test("is not made again while stacks need the lost one", () => {
    const at = fresh();
    const stacks = join(at.backend, ".pulumi/stacks/howdah");
    mkdirSync(stacks, { recursive: true });
    writeFileSync(join(stacks, "local.json"), "{}");
    expect(() => {
      ensurePassphrase(at);
    }).toThrow(/is missing, but local\.json/);
    rmSync(stacks, { recursive: true });
    ensurePassphrase(at);
    expect(statSync(at.passphraseFile).size).toBeGreaterThan(40);
  });

  test("is recognised by a salt that the real engine has written, and a wrong one is not", () => {
    expect(opensSalt(" correct horse\n", salt)).toBe(true);
    expect(opensSalt("correct hors", salt)).toBe(false);
    expect(opensSalt("correct horse", "v1:nonsense")).toBe(false);
  });
});
