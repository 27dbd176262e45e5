import { z } from "zod";

/** Results of tests, or of steps that count as one. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number().default(0),
  /** Files that could not even be loaded: none of their tests was counted. */
  numRuntimeErrorTestSuites: z.number(),
});

/** Exit code of a step that cannot run on this machine, as automake has it. */
const skipped = 77;

/** One step without tests of its own, such as lint. */
export const countStep = (code: number): Counts => ({
  passed: code === 0 ? 1 : 0,
  failed: code === 0 || code === skipped ? 0 : 1,
  skipped: code === skipped ? 1 : 0,
});

/** Counts in a report of `jest --json`. A run that failed without a failed test, or left no report, counts as one failure. */
export function countJest(report: string | undefined, code: number): Counts {
  const parsed = report === undefined ? undefined : reportSchema.safeParse(JSON.parse(report)).data;
  if (parsed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = parsed.numFailedTests + parsed.numRuntimeErrorTestSuites;
  return {
    passed: parsed.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: parsed.numPendingTests + parsed.numTodoTests,
  };
}

/** Sum of counts. */
export const sumCounts = (counts: readonly Counts[]): Counts =>
  counts.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** The closing line of a test run. */
export const closingLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
