import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { closingLine, countJest, countStep, sumCounts, type Counts } from "./count";
import { messageOf, runScript } from "./failure";
import { readText } from "./files";
import { buildFolder, checkout } from "./paths";
import { attach } from "./process";
import { createVoice } from "./say";
import { defaultPostgres, setUp } from "./setup";

interface Step {
  readonly name: string;
  readonly run: () => Promise<Counts>;
}

const command = (program: string, args: readonly string[]): Promise<number> =>
  attach({ program, args, cwd: checkout }, ["ignore", 1, 2]);

const script = (name: string): Step => ({
  name,
  run: async () => countStep(await command("npm", ["run", "--silent", name])),
});

function jest(name: string, args: readonly string[] = []): Step {
  const report = join(buildFolder, `${name}.results.json`);
  return {
    name,
    run: async () => {
      rmSync(report, { force: true });
      const program = join(checkout, "node_modules", ".bin", "jest");
      const code = await command(program, ["--selectProjects", name, "--json", "--outputFile", report, ...args]);
      return countJest(readText(report), code);
    },
  };
}

const prepare: Step = {
  name: "set-up",
  run: async () => {
    try {
      await setUp({ postgres: defaultPostgres }, createVoice());
      return { passed: 0, failed: 0, skipped: 0 };
    } catch (error) {
      process.stdout.write(`${messageOf(error)}\n`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
  },
};

const holdsTests = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(".test.ts"));

/** What needs nothing but Node, and servers' programs that are there already. */
const checks: readonly Step[] = [script("lint"), script("types"), jest("unit", ["--maxWorkers=2"])];

/** Two files at a time: with three, or beside the checks, the servers of two cores are too slow for what the faults wait for. */
const endToEnd: readonly Step[] = holdsTests(join(checkout, "test", "e2e")) ? [jest("e2e", ["--maxWorkers=2"])] : [];

runScript(async () => {
  const counts: Counts[] = [];
  const times: string[] = [];
  mkdirSync(buildFolder, { recursive: true });
  for (const { name, run } of process.argv.includes("--check") ? checks : [prepare, ...checks, ...endToEnd]) {
    process.stdout.write(`== ${name}\n`);
    const started = Date.now();
    const result = await run();
    counts.push(result);
    times.push(`${name} ${((Date.now() - started) / 1000).toFixed(1)} s${result.failed > 0 ? " (failed)" : ""}`);
  }
  const total = sumCounts(counts);
  process.stdout.write(`== ${times.join(" · ")}\n${closingLine(total)}\n`);
  return total.failed > 0 ? 1 : 0;
});
