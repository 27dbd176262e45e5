import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { recordOf } from "../../../lib/bundled.cjs";
import { exitCodes } from "../../../cli/kit/answer";
import { readText } from "../../../lib/files";
import { checkout } from "../../../lib/paths";
import { capture, type Ended } from "../../../lib/process/attended";
import { buildBundles, commandAsOneFile as bundle } from "../../../setup/build";

const silent = { done: () => undefined, note: () => undefined, progress: () => undefined };

/** A folder without any sources. */
let folder: string;

beforeAll(async () => {
  await buildBundles(silent, [bundle]);
  folder = mkdtempSync(join(tmpdir(), "howdah-bundle-"));
  copyFileSync(join(checkout, bundle.output), join(folder, "howdah"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const howdah = (...args: string[]): Ended =>
  capture({ program: process.execPath, args: [join(folder, "howdah"), ...args], cwd: folder });

test("the command as one file has neither the set-up nor the engine's SDK in it", () => {
  const record = readText(recordOf(bundle.output)) ?? "";
  const inputs = Object.keys(z.object({ inputs: z.record(z.string(), z.string()) }).parse(JSON.parse(record)).inputs);
  // Its own maker is on record, too.
  const foreign = inputs.filter(
    (path) => /^(setup|stacks|cli\/stack)\/|@pulumi/.test(path) && path !== "setup/build.ts",
  );
  expect(foreign).toEqual([]);
  expect(inputs).toContain("cli/backups/back-up.ts");
});

test.each([["up"], ["status"], ["down", "--yes"], ["pulumi", "preview"]])(
  "of it, `%s` says that it needs a checkout",
  (...words) => {
    const { code, stdout, stderr } = howdah(...words);
    expect([code, stdout]).toEqual([exitCodes.refused, ""]);
    expect(stderr).toMatch(/^howdah: `howdah \w+` needs the sources and the engine: run it in the checkout/);
  },
);

test("of it, a verb on a stack file asks for the file, since it finds no stack by name", () => {
  const { code, stderr } = howdah("backups", "--stack", "local");
  expect([code, stderr]).toEqual([exitCodes.refused, expect.stringContaining("--job-file")]);
});

test("control: what needs no checkout works", () => {
  expect(howdah("--version")).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
});
