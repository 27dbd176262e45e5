import { describeSummary, hasBegun, readSummary } from "../../../../cli/engine/events";

const line = (changes: Record<string, number>): string =>
  JSON.stringify({ sequence: 9, summaryEvent: { durationSeconds: 2, resourceChanges: changes, isPreview: false } });

describe("what a run of the engine has changed", () => {
  test("is read from the last summary of the event log", () => {
    const log = [line({ create: 9 }), '{"sequence":1,"stdoutEvent":{}}', line({ same: 4, update: 1 }), ""].join("\n");
    expect(readSummary(log)).toEqual({ durationSeconds: 2, resourceChanges: { same: 4, update: 1 } });
  });

  test("is unknown when the run did not get to its summary", () => {
    expect(readSummary('{"sequence":1,"cancelEvent":{}}\n')).toBeUndefined();
  });

  test("is called nothing when every resource stayed the same", () => {
    expect(describeSummary({ durationSeconds: 3, resourceChanges: { same: 42, create: 0 } })).toMatch(
      /^nothing changed: 42 /,
    );
  });

  test("is listed by operation otherwise", () => {
    const text = describeSummary({ durationSeconds: 3, resourceChanges: { same: 40, update: 1, delete: 2 } });
    expect(text).toBe("changed: update 1, delete 2; unchanged: 40 (3 s)");
  });
});

describe("a run that failed", () => {
  const step = (op: string, type: string): string =>
    JSON.stringify({ sequence: 1, resourcePreEvent: { metadata: { op, type, urn: "urn" } } });
  const stack = step("create", "pulumi:pulumi:Stack");

  test("has begun nothing where the program refused its config", () => {
    expect(hasBegun(["", stack, step("same", "host:index:File"), line({ create: 1 })].join("\n"))).toBe(false);
    expect(hasBegun("")).toBe(false);
  });

  test("has begun where a resource was to be changed", () => {
    expect(hasBegun([stack, step("update", "host:index:File")].join("\n"))).toBe(true);
  });
});
