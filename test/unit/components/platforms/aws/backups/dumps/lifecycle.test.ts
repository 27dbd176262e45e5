import fc from "fast-check";
import {
  copyRules,
  type DumpLifecycle,
  dumpRules,
  type LifecycleRule,
  logRules,
  transitionsFor,
} from "../../../../../../../components/platforms/aws/backups/dumps/lifecycle";

/** Days that S3 bills for at least; S3 pricing page. */
const billed: Readonly<Record<string, number>> = { STANDARD_IA: 30, GLACIER_IR: 90 };

const lifecycles: fc.Arbitrary<DumpLifecycle> = fc.record({
  prefix: fc.constant("dumps/"),
  drills: fc.constant("dumps/drills/"),
  keptDays: fc.integer({ min: 1, max: 3650 }),
  noncurrentDays: fc.integer({ min: 1, max: 3650 }),
});

const expirations = (rules: readonly LifecycleRule[]) =>
  rules.flatMap(({ filter, expiration }) =>
    expiration !== undefined && "days" in expiration ? [{ ...filter, ...expiration }] : [],
  );

test("a class is chosen only where an object stays long enough to pay for it, and later ones are colder", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3650 }), (keptDays) => {
      const moves = transitionsFor(keptDays);
      for (const { days, storageClass } of moves) expect(days + billed[storageClass]!).toBeLessThanOrEqual(keptDays);
      expect(moves.map(({ days }) => days)).toEqual(moves.map(({ days }) => days).sort((a, b) => a - b));
      // S3 takes nothing younger than 30 days into STANDARD_IA.
      for (const { days } of moves) expect(days).toBeGreaterThanOrEqual(30);
    }),
  );
});

test("no class has to be asked to thaw", () => {
  const classes = transitionsFor(3650).map(({ storageClass }) => storageClass);
  expect(classes).toEqual(["STANDARD_IA", "GLACIER_IR"]);
});

test("S3 never deletes a dump of the first bucket by age, and one of the copies only after its time", () => {
  fc.assert(
    fc.property(lifecycles, (lifecycle) => {
      expect(expirations(dumpRules(lifecycle)).map(({ prefix }) => prefix)).toEqual(["dumps/drills/"]);
      for (const { days } of expirations(copyRules(lifecycle))) expect(days).toBeGreaterThan(lifecycle.keptDays);
    }),
  );
});

test("every bucket drops unfinished uploads after a week, and old versions", () => {
  const lifecycle = { prefix: "dumps/", drills: "dumps/drills/", keptDays: 90, noncurrentDays: 14 };
  for (const rules of [dumpRules(lifecycle), copyRules(lifecycle), logRules(90)]) {
    expect(rules.map(({ abortIncompleteMultipartUpload }) => abortIncompleteMultipartUpload)).toContainEqual({
      daysAfterInitiation: 7,
    });
    expect(rules.some(({ noncurrentVersionExpiration }) => noncurrentVersionExpiration !== undefined)).toBe(true);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  }
});

test("a deleted dump can be had back as long as a lock would have kept it", () => {
  fc.assert(
    fc.property(lifecycles, (lifecycle) => {
      expect(dumpRules(lifecycle)).toContainEqual(
        expect.objectContaining({ noncurrentVersionExpiration: { noncurrentDays: lifecycle.noncurrentDays } }),
      );
    }),
  );
});
