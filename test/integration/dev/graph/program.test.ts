import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { snapshotFile, snapshotStacks } from "../../../../dev/graph/main";
import { graphText } from "../../../../dev/graph/graph";
import { stackGraph } from "../../../../dev/graph/program";
import { checkout } from "../../../../lib/paths";
import { capture } from "../../../../lib/process/attended";
import "../../../support/jest/traces";
import { typescript } from "../../../support/typescript";

test.each(snapshotStacks)("the graph of %s in docs/graphs is the one that the program registers", async (stack) => {
  const kept = existsSync(snapshotFile(stack)) ? readFileSync(snapshotFile(stack), "utf8") : "";
  const now = graphText(await stackGraph({ stack }));
  // Not compared by `toEqual`: a difference of thousands of lines tells less than what to do about it.
  if (kept !== now)
    throw new Error(`docs/graphs/${stack}.json is old: run npm run graph:snapshots, and read what changed`);
});

describe("the command", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "howdah-graph-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (...args: string[]) =>
    capture({
      program: process.execPath,
      args: [...typescript, join(checkout, "dev/graph/main.ts"), ...args],
      cwd: checkout,
      env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    });

  test("writes the graph of another config to a file, and no secret", () => {
    const config = join(folder, "config.yaml");
    const out = join(folder, "graph.json");
    const text = readFileSync(join(checkout, "Pulumi.staging.yaml"), "utf8");
    writeFileSync(config, text.replace("region: eu-central-1", "region: eu-west-1"));
    expect(run("--stack", "staging", "--config", config, "--out", out)).toMatchObject({ code: 0, stdout: "" });
    const { resources } = JSON.parse(readFileSync(out, "utf8")) as { resources: { type: string; region?: string }[] };
    const regions = resources.filter(({ type }) => type.startsWith("aws:")).map(({ region }) => region);
    expect(new Set(regions)).toEqual(new Set(["eu-west-1", undefined]));
    expect(readFileSync(out, "utf8")).not.toMatch(/SCRAM-SHA-256\$\d|AGE-SECRET-KEY/);
  });

  test("refuses a stack without a config and a config that is wrong, with the reason and without a stack trace", () => {
    const missing = run("--stack", "nope");
    expect(missing).toMatchObject({ code: 1, stdout: "" });
    expect(missing.stderr).toMatch(/^howdah: stack "nope" has no config: .*Pulumi\.nope\.yaml does not exist\n$/);
    const config = join(folder, "config.yaml");
    writeFileSync(config, "config:\n  howdah:platform: mars\n");
    const wrong = run("--stack", "staging", "--config", config);
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("howdah:platform");
    expect(wrong.stderr).not.toContain("    at ");
  });
});
