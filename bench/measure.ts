import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import { runScript } from "../lib/errors";
import type { TestStack } from "../test/support/stack/stack";
import { TransactionLoad } from "../test/support/stack/transactions";

/** One figure: what it is of, and its runs in seconds. */
export interface Figure {
  readonly what: string;
  readonly seconds: readonly number[];
  /** What belongs next to it: a text, or one computed from the median. */
  readonly note: string | ((median: number) => string);
}

/** Something to measure, one of several. */
export interface Arm {
  readonly what: string;
  readonly run: () => unknown;
}

/** Runs of each figure. */
export const runs = Number(process.env["RUNS"] ?? 3);

export const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[values.length >> 1] ?? NaN;

/** Seconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Runs `once` several times, one after the other. */
export async function repeated<T>(once: () => Promise<T>, times = runs): Promise<T[]> {
  const results: T[] = [];
  for (let turn = 0; turn < times; turn++) results.push(await once());
  return results;
}

/** Runs the arms in turn, A B A B …, so that a machine that gets slower is fair to all. An arm may measure itself and return the seconds. */
export async function alternate(arms: readonly Arm[]): Promise<Omit<Figure, "note">[]> {
  const seconds = arms.map((): number[] => []);
  for (let turn = 0; turn < runs; turn++)
    for (const [at, { run }] of arms.entries()) {
      let own: unknown;
      const took = await timed(async () => {
        own = await run();
      });
      seconds[at]?.push(typeof own === "number" ? own : took);
    }
  return arms.map(({ what }, at) => ({ what, seconds: seconds[at] ?? [] }));
}

/** The machine that the figures are of. */
function machine(): string {
  const [{ model } = { model: "unknown processor" }] = cpus();
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 1024 ** 3)} GB of memory, Node ${process.version}`;
}

function tableOf(figures: readonly Figure[]): string {
  const table = new Table({ head: ["seconds", "median", "each run", ""], style: { head: [], border: [] } });
  for (const { what, seconds, note } of figures) {
    const middle = median(seconds);
    const remark = typeof note === "string" ? note : note(middle);
    table.push([what, middle.toFixed(1), seconds.map((one) => one.toFixed(1)).join(" "), remark]);
  }
  return table.toString();
}

/**
 * Prints the machine, measures on a stack, and removes the stack.
 * @param measure is given what prints a text and a line feed
 * @param subject said after the machine
 */
export function benchOn(
  stack: TestStack,
  measure: (stack: TestStack, print: (text: string) => void) => Promise<void>,
  subject?: string,
): void {
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  runScript(async () => {
    try {
      print([machine(), subject].filter((part) => part !== undefined).join(", "));
      await measure(stack, print);
      return 0;
    } finally {
      // Clients of a measurement that failed would keep the process from ending.
      await TransactionLoad.stopAll();
      await stack.destroy();
    }
  });
}

/** The same for figures in seconds, all at the end. */
export function bench(stack: TestStack, measure: (stack: TestStack) => Promise<Figure[]>, subject?: string): void {
  const work = async (one: TestStack, print: (text: string) => void): Promise<void> => {
    print(tableOf(await measure(one)));
  };
  benchOn(stack, work, subject);
}
