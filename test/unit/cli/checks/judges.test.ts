import fc from "fast-check";
import { tierNames } from "../../../../contracts/tiers";
import type { DrillReport } from "../../../../cli/drill/report";
import {
  judgeArchive,
  judgeBackups,
  judgeCertificates,
  judgeDisk,
  judgeDrill,
  judgeServices,
} from "../../../../cli/checks/judges";
import { localJob } from "../../../support/servers/backups/local-job";

const now = Date.parse("2026-11-29T12:00:00Z");
const hour = 3_600_000;
const iso = (hoursAgo: number): string => new Date(now - hoursAgo * hour).toISOString();

describe("services", () => {
  const wanted = ["etcd1", "guard-node1"];

  test("are good when all of them run", () => {
    const states = new Map([...wanted, "other"].map((name) => [name, "RUNNING"]));
    expect(judgeServices(wanted, states)).toMatchObject([{ good: true, detail: "2 services run" }]);
  });

  test.each(["FATAL", "BACKOFF", "STOPPED", "EXITED", "STARTING", undefined])(
    "are bad when one is %s, by name",
    (state) => {
      const states = new Map<string, string>([
        ["etcd1", "RUNNING"],
        ...(state === undefined ? [] : [["guard-node1", state] as const]),
      ]);
      const [finding, ...more] = judgeServices(wanted, states);
      expect(more).toEqual([]);
      expect(finding).toMatchObject({ good: false, urgent: true });
      expect(finding!.detail).toContain(`guard-node1 is ${state ?? "unknown"}`);
    },
  );
});

describe("the archive", () => {
  const fine = { lastArchived: now / 1000, lastFailed: null, failedWal: null, waiting: null };

  test("is good when the last attempt succeeded, whatever failed before", () => {
    expect(judgeArchive(fine, 60).good).toBe(true);
    expect(judgeArchive({ ...fine, lastFailed: now / 1000 - 1, failedWal: "0000" }, 60).good).toBe(true);
    expect(judgeArchive({ ...fine, lastArchived: null }, 60).good).toBe(true);
  });

  test("is bad when the last attempt failed", () => {
    const failing = judgeArchive({ ...fine, lastFailed: now / 1000 + 1, failedWal: "00000001" }, 60);
    expect(failing).toMatchObject({ good: false });
    expect(failing.detail).toContain("00000001");
    expect(judgeArchive({ ...fine, lastArchived: null, lastFailed: 1, failedWal: "00000001" }, 60).good).toBe(false);
  });

  test("is bad when a segment waits for longer than the objective and its grace, even without a failure: the command may hang", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.integer({ min: 1, max: 600 }),
        (waiting, objective) => {
          expect(judgeArchive({ ...fine, waiting }, objective).good).toBe(waiting <= objective + 60);
        },
      ),
    );
  });
});

const drill = (hoursAgo: number, passed = true): DrillReport => ({
  at: iso(hoursAgo),
  passed,
  set: "20261129-010000F",
  quick: false,
  size: 1,
  checks: [],
  ...(passed ? {} : { cause: { check: "samples" as const, reason: "app.visits differs" } }),
});

describe("the drill", () => {
  const overdue = 8 * 24 * 3600;

  test("is good exactly as long as the newest good one is not overdue", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), (age) => {
        expect(judgeDrill([drill(401), drill(age)], overdue, now).good).toBe(age <= 8 * 24);
      }),
    );
  });

  test.each<[string, DrillReport[], string]>([
    ["none was", [], "no drill"],
    ["the last one failed, however new the one before", [drill(2), drill(1, false)], "app.visits differs"],
    ["the last good one is too old", [drill(24 * 9)], "overdue"],
  ])("is bad when %s", (_what, drills, words) => {
    const finding = judgeDrill(drills, overdue, now);
    expect(finding).toMatchObject({ good: false, urgent: false });
    expect(finding.detail).toContain(words);
  });
});

describe("backups", () => {
  const { tiers } = localJob("/x");
  const hourly = { ...tiers, hourly: { schedule: "0 * * * *", keptSeconds: 60 } };
  const set = (hoursAgo: number, sound = true) => ({
    label: "20261129-010000F",
    sound,
    startedAt: now - (hoursAgo + 1) * hour,
    stoppedAt: now - hoursAgo * hour,
  });
  const run = (hoursAgo: number, passed = true) => ({
    at: iso(hoursAgo),
    tier: "hourly" as const,
    passed,
    seconds: 1,
    detail: "the repository is full",
  });
  const seen = { sets: [set(1)], runs: [run(1)], tiers: hourly, scheduledAt: now };

  test("are good exactly as long as each tier came in its time, with an hour of grace", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10, noNaN: true }), (age) => {
        const good = judgeBackups({ ...seen, runs: [run(age)] }, now).every((one) => one.good);
        expect(good).toBe(Date.parse(iso(age)) + 2 * hour >= now);
      }),
    );
  });

  test("a tier without a run is measured from when its schedule was written", () => {
    expect(judgeBackups({ ...seen, runs: [] }, now)).toMatchObject([{ good: true }]);
    expect(judgeBackups({ ...seen, runs: [], scheduledAt: now - 3 * hour }, now)).toMatchObject([{ good: false }]);
  });

  test("a tier without a schedule is never overdue, but its last failure is reported", () => {
    expect(judgeBackups({ ...seen, tiers, runs: [run(1000)] }, now)).toMatchObject([{ good: true }]);
    expect(judgeBackups({ ...seen, tiers, runs: [run(1000, false)] }, now)).toMatchObject([{ good: false }]);
  });

  test.each<[string, Partial<typeof seen>, string]>([
    ["the last run failed", { runs: [run(2), run(1, false)] }, "the repository is full"],
    ["there is none", { sets: [] }, "no intact backup"],
    ["the only one is damaged", { sets: [set(1, false)] }, "no intact backup"],
  ])("are bad when %s", (_what, more, words) => {
    const findings = judgeBackups({ ...seen, ...more }, now);
    expect(findings).toMatchObject([{ good: false }]);
    expect(findings[0]!.detail).toContain(words);
  });

  test("every tier is looked at", () => {
    const all = Object.fromEntries(tierNames.map((name) => [name, { schedule: "0 * * * *", keptSeconds: 60 }]));
    const findings = judgeBackups({ ...seen, tiers: all as typeof tiers, runs: [], scheduledAt: 0 }, now);
    expect(findings).toHaveLength(tierNames.length);
  });
});

test("a certificate is bad in the last sixth of its time, before `up` was due twice over, and urgent once it has ended", () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 398 }), fc.integer({ min: -10, max: 398 }), (days, left) => {
      fc.pre(left <= days);
      const to = now + left * 24 * hour;
      const [finding] = judgeCertificates([{ name: "node1.crt", from: to - days * 24 * hour, to }], now);
      expect(finding!.good).toBe(left > 0 && left >= days / 6);
      expect(finding!.urgent).toBe(left <= 0);
    }),
  );
});

test("of many certificates only those near their end are reported", () => {
  const of = (name: string, left: number) => ({
    name,
    from: now - (90 - left) * 24 * hour,
    to: now + left * 24 * hour,
  });
  const findings = judgeCertificates([of("a.crt", 80), of("b.crt", 3), of("c.crt", 80)], now);
  expect(findings).toMatchObject([{ good: false }]);
  expect(findings[0]!.detail).toContain("b.crt has 3 d left");
});

test("a disk is nearly full below 1 GB and below 5 %, but never with more than 10 GB free", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (size, share) => {
      const free = size * share;
      const { good } = judgeDisk({ free, size }, "/data");
      if (free >= 10_240) expect(good).toBe(true);
      if (free < 1024) expect(good).toBe(false);
      if (free >= 1024 && share >= 0.05) expect(good).toBe(true);
      if (free < 10_240 && share < 0.05) expect(good).toBe(false);
    }),
  );
});
