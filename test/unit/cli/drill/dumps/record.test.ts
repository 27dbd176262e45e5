import fc from "fast-check";
import { concluded, type LatestDrill } from "../../../../../cli/drill/dumps/record";
import type { DrillReport } from "../../../../../cli/drill/report";

const report: fc.Arbitrary<DrillReport> = fc.record({
  at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  passed: fc.boolean(),
  set: fc.string(),
  quick: fc.constant(false),
  rtoSeconds: fc.nat(),
  rpoSeconds: fc.nat(),
  size: fc.nat(),
  checks: fc.constant([]),
});

test("of many drills, the newest good one is what was verified, and the newest one whether it is still so", () => {
  fc.assert(
    fc.property(fc.array(report, { minLength: 1 }), (reports) => {
      const latest = reports.reduce<LatestDrill | undefined>(concluded, undefined);
      const good = reports.findLast(({ passed }) => passed);
      expect(latest).toMatchObject({ passed: reports.at(-1)!.passed, report: reports.at(-1) });
      expect(latest?.lastVerifiedAt).toBe(good?.at);
      expect(latest?.measuredRtoSeconds).toBe(good?.rtoSeconds);
      expect(latest?.measuredRpoSeconds).toBe(good?.rpoSeconds);
    }),
  );
});
