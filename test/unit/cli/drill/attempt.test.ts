import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeDrill } from "../../../../cli/checks/judges";
import { attempt } from "../../../../cli/drill/attempt";
import { drill } from "../../../../cli/drill/drill";
import { type DrillReport, readDrills, recordDrill } from "../../../../cli/drill/report";
import { DrillFault } from "../../../../cli/drill/steps";
import { chooseSet } from "../../../../cli/restore/plan/choose";
import { Misuse, Refusal } from "../../../../lib/errors";
import { localJob, quiet } from "../../../support/servers/backups/local-job";

const good: DrillReport = {
  at: new Date().toISOString(),
  passed: true,
  set: "20260101-000000F",
  quick: true,
  size: 1,
  checks: [],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "howdah-drill-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a drill that finds no server is on record, and the last word is no longer that of a good one", async () => {
  const job = localJob(folder);
  await recordDrill(job, good);
  expect(judgeDrill(await readDrills(job), 60, Date.now()).good).toBe(true);
  await expect(drill(job, { quick: true }, quiet)).rejects.toThrow("no server of the cluster is the primary");
  const drills = await readDrills(job);
  expect(drills.map(({ passed }) => passed)).toEqual([true, false]);
  const { good: isGood, detail } = judgeDrill(drills, 60, Date.now());
  expect(isGood).toBe(false);
  expect(detail).toMatch(/did not finish: no server of the cluster is the primary/);
});

describe("of an attempt", () => {
  let records: DrillReport[];
  const notes: string[] = [];
  const context = { ...quiet, note: (text: string) => void notes.push(text) };
  const save = (report: DrillReport): Promise<void> => {
    records.push(report);
    return Promise.resolve();
  };
  beforeEach(() => {
    records = [];
  });
  const failing = (error: Error) =>
    attempt(
      {
        quick: false,
        save,
        work: (draft, steps) => {
          draft.set = "20260101-000000F";
          steps.done.push({ name: "restore", detail: "" });
          return Promise.reject(error);
        },
      },
      context,
    );

  test.each<[string, Error]>([
    ["that throws", new Error("permission denied for table orders")],
    ["that is refused", new Refusal("no room")],
  ])("one %s leaves a record with what it knew", async (_what, error) => {
    await expect(failing(error)).rejects.toBe(error);
    expect(records).toMatchObject([
      {
        passed: false,
        set: "20260101-000000F",
        checks: [{ name: "restore" }],
        cause: { check: "drill", reason: error.message },
      },
    ]);
  });

  test("a check that fails is its result", async () => {
    const report = await failing(new DrillFault("catalog", "no"));
    expect(records).toEqual([report]);
    expect(report).toMatchObject({ passed: false, cause: { check: "catalog", reason: "no" } });
  });

  test("a backup that was misspelt leaves none", async () => {
    const misspelt = attempt(
      {
        quick: false,
        save,
        work: () => Promise.resolve(void chooseSet({ sets: [{ label: "a" } as never] }, { kind: "immediate" }, "b")),
      },
      context,
    );
    await expect(misspelt).rejects.toThrow(Misuse);
    expect(records).toEqual([]);
  });

  test("one whose record cannot be written says both", async () => {
    const work = () => Promise.reject(new Error("first"));
    const unwritable = () => Promise.reject(new Error("no space left"));
    await expect(attempt({ quick: false, work, save: unwritable }, context)).rejects.toThrow("first");
    expect(notes.join()).toContain("no space left");
  });
});
