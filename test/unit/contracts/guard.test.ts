import fc from "fast-check";
import { guardSchema, guardText, guardTiming } from "../../../contracts/guard";
import { failoverPlan } from "../../../components/postgres/objectives";

describe("the guard's timing", () => {
  test("finds a hung postmaster in 11 s by default", () => {
    const plan = failoverPlan({ rto: "30 seconds", rpo: "0 seconds" }, 2);
    expect(guardTiming(plan)).toEqual({ pause: 2, timeout: 3, tries: 3 });
  });

  test("leaves time for the failover, and never acts on fewer than three probes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 86_400 }), (rto) => {
        const plan = failoverPlan({ rto: `${rto} seconds`, rpo: "0 seconds" }, 2);
        const { pause, timeout, tries } = guardTiming(plan);
        expect(tries).toBeGreaterThanOrEqual(3);
        expect(pause + timeout * tries + plan.loopWait + 3).toBeLessThanOrEqual(rto);
      }),
    );
  });
});

test("the guard reads the settings that the program writes", () => {
  const settings = {
    watch: [{ kind: "postgres" as const, socketDirectory: "/run/x", port: 5432, dataDirectory: "/data" }],
    timing: { pause: 2, timeout: 3, tries: 3 },
  };
  expect(guardSchema.parse(JSON.parse(guardText(settings)))).toEqual(settings);
});
