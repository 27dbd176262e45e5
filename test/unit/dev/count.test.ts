import fc from "fast-check";
import { closingLine, countJest, countStep, sumCounts } from "../../../dev/count";

const report = (passed: number, failed: number, broken = 0): string =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 1,
    numTodoTests: 1,
    numRuntimeErrorTestSuites: broken,
  });

describe("the closing line of a test run", () => {
  test("names skipped tests only when there are some", () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
    expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
  });

  test("counts a step without tests as one", () => {
    expect(countStep(0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(countStep(2)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test("counts a step that cannot run on this machine as skipped", () => {
    expect(countStep(77)).toEqual({ passed: 0, failed: 0, skipped: 1 });
  });

  test("counts a file that cannot be loaded as a failure", () => {
    expect(countJest(report(5, 1, 2), 1)).toEqual({ passed: 5, failed: 3, skipped: 2 });
  });

  test("never calls a run that failed or left no report a success", () => {
    expect(countJest(undefined, 0).failed).toBe(1);
    expect(countJest("{}", 0).failed).toBe(1);
    expect(countJest(report(5, 0), 1).failed).toBe(1);
    expect(countJest(report(5, 0), 0).failed).toBe(0);
  });

  test("adds up, whatever the order", () => {
    const counts = fc.record({ passed: fc.nat(999), failed: fc.nat(999), skipped: fc.nat(999) });
    fc.assert(
      fc.property(fc.array(counts), (list) => {
        const total = sumCounts(list);
        expect(sumCounts([...list].reverse())).toEqual(total);
        expect(total.passed).toBe(list.map(({ passed }) => passed).reduce((a, b) => a + b, 0));
      }),
    );
  });
});
