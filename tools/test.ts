import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { closingLine, countJest, countStep, sumCounts, type Counts } from "./count";
import { messageOf, runScript } from "./failure";
import { readText } from "./files";
import { buildFolder, checkout } from "./paths";
import { attach } from "./process";
import { createVoice } from "./say";
import { defaultPostgres, setUp } from "./setup";

/** Runs a program of a step; its output goes where the step's does. */
type Command = (program: string, args: readonly string[]) => Promise<number>;

interface Step {
  readonly name: string;
  readonly run: (command: Command) => Promise<Counts>;
}

const live: Command = (program, args) => attach({ program, args, cwd: checkout }, ["ignore", 1, 2]);

/** Keeps the output of what runs beside something else, and prints it in one piece. */
async function held(step: Step): Promise<Counts> {
  const file = join(buildFolder, `${step.name}.output`);
  const output = openSync(file, "w");
  try {
    return await step.run((program, args) => attach({ program, args, cwd: checkout }, ["ignore", output, output]));
  } finally {
    closeSync(output);
    process.stdout.write(`== ${step.name}\n${readFileSync(file, "utf8")}`);
  }
}

const script = (name: string): Step => ({
  name,
  run: async (command) => countStep(await command("npm", ["run", "--silent", name])),
});

function jest(name: string, args: readonly string[] = []): Step {
  const report = join(buildFolder, `${name}.results.json`);
  return {
    name,
    run: async (command) => {
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

/** Most of its time goes by waiting for servers: three files at a time keep two cores busy. */
const endToEnd: readonly Step[] = holdsTests(join(checkout, "test", "e2e")) ? [jest("e2e", ["--maxWorkers=3"])] : [];

const times: string[] = [];

async function timed(step: Step, run: (step: Step) => Promise<Counts>): Promise<Counts> {
  const started = Date.now();
  const result = await run(step);
  times.push(`${step.name} ${((Date.now() - started) / 1000).toFixed(1)} s${result.failed > 0 ? " (failed)" : ""}`);
  return result;
}

async function inOrder(steps: readonly Step[], run: (step: Step) => Promise<Counts>): Promise<Counts[]> {
  const counts: Counts[] = [];
  for (const step of steps) counts.push(await timed(step, run));
  return counts;
}

const shown = (step: Step): Promise<Counts> => {
  process.stdout.write(`== ${step.name}\n`);
  return step.run(live);
};

runScript(async () => {
  mkdirSync(buildFolder, { recursive: true });
  const counts = process.argv.includes("--check")
    ? await inOrder(checks, shown)
    : [await timed(prepare, shown), ...(await Promise.all([inOrder(checks, held), inOrder(endToEnd, shown)])).flat()];
  const total = sumCounts(counts);
  process.stdout.write(`== ${times.join(" · ")}\n${closingLine(total)}\n`);
  return total.failed > 0 ? 1 : 0;
});
