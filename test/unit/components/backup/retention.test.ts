import fc from "fast-check";
import {
  type BackupSet,
  expiredLabels,
  keptLabels,
  type RetentionInput,
  walBackups,
} from "../../../../components/backup/retention";
import { tierNames } from "../../../../contracts/tiers";

const hour = 3_600_000;
const day = 24 * hour;
const now = 1_000 * day;

const kept = {
  hourly: day,
  daily: 7 * day,
  weekly: 30 * day,
  monthly: 365 * day,
  preMaintenance: 14 * day,
  logical: 7 * day,
  schema: 7 * day,
};
const input: RetentionInput = { now, kept, pointInTime: 7 * day };

const set = (label: string, age: number, more: Partial<BackupSet> = {}): BackupSet => ({
  label,
  kind: label.endsWith("F") ? "full" : label.endsWith("D") ? "diff" : "incr",
  needs: [],
  stoppedAt: now - age,
  sound: true,
  ...more,
});

/** Chains as pgBackRest makes them: a full one, differentials on it, incrementals on either. */
const chains: fc.Arbitrary<BackupSet[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom("full", "diff", "incr" as const),
      gap: fc.integer({ min: 1, max: 40 * 24 }),
      tier: fc.option(fc.constantFrom(...tierNames.filter((name) => !["logical", "schema"].includes(name))), {
        nil: undefined,
      }),
      sound: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((steps) => {
    const sets: BackupSet[] = [];
    let at = now - steps.reduce((sum, { gap }) => sum + gap * hour, 0);
    steps.forEach(({ kind, gap, tier, sound }, index) => {
      at += gap * hour;
      const full = sets.findLast((one) => one.kind === "full");
      const base = kind === "incr" ? sets.at(-1) : full;
      const real = full === undefined ? "full" : kind;
      const needs = real === "full" || base === undefined ? [] : [...base.needs, base.label];
      sets.push({
        label: `${index}`,
        kind: real,
        needs,
        stoppedAt: at,
        sound,
        ...(tier === undefined ? {} : { tier: tier }),
      });
    });
    return sets;
  });

const property = (check: (sets: BackupSet[]) => void): void => {
  fc.assert(fc.property(chains, check), { numRuns: 200 });
};

test("whatever a kept backup needs is kept", () => {
  property((sets) => {
    const stay = keptLabels(sets, input);
    for (const one of sets) if (stay.has(one.label)) for (const need of one.needs) expect(stay).toContain(need);
  });
});

test("the newest sound backup stays, however old", () => {
  property((sets) => {
    const newest = sets.findLast(({ sound }) => sound);
    if (newest !== undefined)
      expect(expiredLabels(sets, { ...input, now: now + 3650 * day })).not.toContain(newest.label);
  });
});

test("each moment of the window has a sound backup before it, as before the expiry", () => {
  property((sets) => {
    const gone = expiredLabels(sets, input);
    const opens = now - input.pointInTime;
    const reach = (some: BackupSet[]) => some.some(({ sound, stoppedAt }) => sound && stoppedAt <= opens);
    expect(reach(sets.filter(({ label }) => !gone.includes(label)))).toBe(reach(sets));
  });
});

test("no backup younger than its tier says is expired", () => {
  property((sets) => {
    const gone = expiredLabels(sets, input);
    for (const one of sets)
      if (now - one.stoppedAt <= kept[one.tier ?? "hourly"]) expect(gone).not.toContain(one.label);
  });
});

test("a second expiry finds nothing", () => {
  property((sets) => {
    const gone = expiredLabels(sets, input);
    expect(
      expiredLabels(
        sets.filter(({ label }) => !gone.includes(label)),
        input,
      ),
    ).toEqual([]);
  });
});

test("dependants go before what they need", () => {
  property((sets) => {
    const gone = expiredLabels(sets, input);
    for (const one of sets)
      for (const need of one.needs)
        if (gone.includes(need)) expect(gone.indexOf(one.label)).toBeLessThan(gone.indexOf(need));
  });
});

test("an old full backup stays for a differential one that is still kept", () => {
  const old = set("1F", 40 * day);
  const young = set("1F_2D", 3 * day, { needs: ["1F"] });
  expect(expiredLabels([old, young, set("3F", day)], input)).toEqual([]);
  expect(expiredLabels([old, set("2F", 8 * day), set("3F", day)], input)).toEqual(["1F"]);
});

test("WAL is kept from the newest full or differential backup before the window", () => {
  const sets = [
    set("1F", 20 * day),
    set("2F", 9 * day),
    set("2F_3D", 8 * day),
    set("2F_4I", 7.5 * day),
    set("5F", day),
  ];
  expect(walBackups(sets, input)).toBe(2);
  expect(walBackups(sets.slice(-1), input)).toBe(1);
  expect(walBackups([], input)).toBe(1);
});

test("a backup with bad pages is not what the window stands on", () => {
  const sets = [set("1F", 20 * day), set("2F", 8 * day, { sound: false }), set("3F", day)];
  expect(walBackups(sets, input)).toBe(3);
});

describe("after a restore in place to a moment before the newest backups", () => {
  const before = set("1F", 60 * day);
  const given = set("2F", 40 * day);
  const restored = { ...input, abandoned: new Set(["2F"]) };

  test("the newest backup that leads to now stays, and its WAL, in addition to the newest of all", () => {
    expect(expiredLabels([before, given], restored)).toEqual([]);
    expect(walBackups([before, given], restored)).toBe(2);
    // Control: without the restore, the newer one is enough.
    expect(expiredLabels([before, given], input)).toEqual(["1F"]);
    expect(walBackups([before, given], input)).toBe(1);
  });

  test("each moment of the window keeps a backup that leads to it", () => {
    const some = fc.tuple(chains, fc.array(fc.nat({ max: 29 })));
    fc.assert(
      fc.property(some, ([sets, given]) => {
        const abandoned = new Set(given.map(String));
        const gone = expiredLabels(sets, { ...input, abandoned });
        const opens = now - input.pointInTime;
        const reach = (all: BackupSet[]) =>
          all.some(({ label, sound, stoppedAt }) => sound && stoppedAt <= opens && !abandoned.has(label));
        expect(reach(sets.filter(({ label }) => !gone.includes(label)))).toBe(reach(sets));
      }),
    );
  });
});
