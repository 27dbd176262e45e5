import fc from "fast-check";
import type { Manifest } from "../../../../../cli/dumps/store/manifest";
import { dataName, formatName, manifestName } from "../../../../../cli/dumps/store/names";
import { expiredBackups, leftovers } from "../../../../../cli/dumps/store/retention";

const now = new Date("2026-11-25T12:00:00Z");
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
const series = { stack: "prod", database: "app", tier: "logical" } as const;

const backup = (parts: Pick<Manifest, "stack" | "database" | "tier"> & { hours: number }): Manifest =>
  ({ ...parts, endedAt: hoursAgo(parts.hours).toISOString() }) as unknown as Manifest;

const backups = fc.array(
  fc
    .record({
      stack: fc.constantFrom("prod", "staging"),
      database: fc.constantFrom("app", "other"),
      tier: fc.constantFrom("logical" as const, "schema" as const),
      hours: fc.integer({ min: 0, max: 100 }),
    })
    .map(backup),
);
const hours = fc.integer({ min: 0, max: 100 });

test("what is older than kept expires, and nothing of another stack, database or tier", () => {
  fc.assert(
    fc.property(backups, hours, (all, kept) => {
      const expired = expiredBackups(all, series, { now, keptSeconds: kept * 3600 });
      for (const one of expired) {
        expect(one).toMatchObject(series);
        expect(Date.parse(one.endedAt)).toBeLessThan(hoursAgo(kept).getTime());
      }
      const own = all.filter(({ stack, database, tier }) => `${stack} ${database} ${tier}` === "prod app logical");
      const old = own.filter(({ endedAt }) => Date.parse(endedAt) < hoursAgo(kept).getTime());
      // All that are old, less the newest if that is old, too.
      expect(expired).toHaveLength(old.length === own.length ? Math.max(0, old.length - 1) : old.length);
    }),
  );
});

test("the newest stays, however old it is and whatever the clock says", () => {
  fc.assert(
    fc.property(backups, hours, (all, kept) => {
      const ours = all.filter(({ stack, database, tier }) => `${stack} ${database} ${tier}` === "prod app logical");
      const newest = ours
        .map(({ endedAt }) => endedAt)
        .sort()
        .at(-1);
      const expired = expiredBackups(all, series, { now: hoursAgo(-1000), keptSeconds: kept * 3600 });
      const stay = ours.filter((one) => !expired.includes(one));
      expect(stay.map(({ endedAt }) => endedAt).includes(newest ?? "")).toBe(ours.length > 0);
    }),
  );
});

const object = (name: string, age: number) => ({ name, bytes: 1, writtenAt: hoursAgo(age) });

test("data without a manifest is a leftover after a day; nothing else is", () => {
  const [old, young, whole] = [3, 2, 1].map((hour) =>
    formatName({ database: "app", kind: "dump", startedAt: hoursAgo(hour) }),
  );
  const objects = [
    object(dataName(old!), 25),
    object(dataName(young!), 23),
    object(dataName(whole!), 25),
    object(manifestName(whole!), 25),
    object("notes.dump.age", 1000),
  ];
  expect(leftovers(objects, now)).toEqual([dataName(old!)]);
});
