import fc from "fast-check";
import { failoverPlan, objectiveRules, smallestRto, worstNodeLoss } from "../../../../components/postgres/objectives";
import { brokenRules, type Duration } from "../../../../lib/values";

const seconds = (figure: number): Duration => `${figure} seconds`;
const plan = (rto: number, rpo: number, replicas = 2) =>
  failoverPlan({ rto: seconds(rto), rpo: seconds(rpo) }, replicas);
const problems = (rto: number, rpo: number, replicas: number) =>
  brokenRules(objectiveRules, { objectives: { rto: seconds(rto), rpo: seconds(rpo) }, postgres: { replicas } });

describe("the failover plan", () => {
  test("of the default objectives loses the leader after 20 s and fails over a crash at once", () => {
    expect(plan(30, 0)).toEqual({
      ttl: 20,
      loopWait: 2,
      retryTimeout: 8,
      primaryStartTimeout: 0,
      hungPostmaster: 12,
      maximumLagOnFailover: 32 * 1024 ** 2,
      maximumReadLag: 1024 ** 2,
      synchronous: true,
      synchronousNodeCount: 1,
      archiveTimeout: 60,
    });
  });

  test("keeps Patroni's constraints and the RTO for everything that the rules let through", () => {
    const anything = fc.tuple(
      fc.integer({ min: 0, max: 86_400 }),
      fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 86_400 })),
      fc.integer({ min: 0, max: 8 }),
    );
    let reached = 0;
    fc.assert(
      fc.property(anything, ([rto, rpo, replicas]) => {
        fc.pre(problems(rto, rpo, replicas).length === 0);
        reached += 1;
        const { ttl, loopWait, retryTimeout, archiveTimeout, synchronous } = plan(rto, rpo, replicas);
        expect(ttl).toBeGreaterThanOrEqual(20);
        expect(loopWait).toBeGreaterThanOrEqual(1);
        expect(loopWait).toBeLessThanOrEqual(10);
        expect(retryTimeout).toBeGreaterThanOrEqual(3);
        expect(loopWait + 2 * retryTimeout).toBeLessThanOrEqual(ttl);
        expect(ttl + loopWait + 2 + 1).toBeLessThanOrEqual(rto);
        expect(synchronous || archiveTimeout <= rpo).toBe(true);
      }),
    );
    expect(reached).toBeGreaterThan(50);
  });

  test("at the smallest RTO still meets it", () => {
    expect(smallestRto).toBe(24);
    expect(worstNodeLoss(plan(24, 0))).toBe(24);
  });

  test("never shortens a timer when the RTO grows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 4000 }), fc.integer({ min: 0, max: 4000 }), (rto, more) => {
        const [tight, generous] = [plan(rto, 0), plan(rto + more, 0)];
        expect(generous.loopWait).toBeGreaterThanOrEqual(tight.loopWait);
        // A longer pause between rounds may cost the key a second of its life.
        expect(generous.ttl).toBeGreaterThanOrEqual(tight.ttl - 1);
      }),
    );
  });

  test("buys longer timers with a generous RTO", () => {
    expect(plan(150, 0)).toMatchObject({ ttl: 107, loopWait: 10, retryTimeout: 30 });
  });

  test.each([
    [30, 30],
    [120, 120],
    [3600, 300],
  ])("archives within an RPO of %d s every %d s", (rpo, archiveTimeout) => {
    expect(plan(30, rpo)).toMatchObject({ synchronous: false, synchronousNodeCount: 0, archiveTimeout });
  });

  test("lets a replica lag more with a larger RPO, up to 1 GiB", () => {
    expect([30, 300, 86_400].map((rpo) => plan(30, rpo).maximumLagOnFailover / 1024 ** 2)).toEqual([30, 300, 1024]);
  });

  test("waits for a restart where no replica can take over", () => {
    expect(plan(600, 60, 0)).toMatchObject({ primaryStartTimeout: 300, synchronous: false });
  });
});

describe("objectives that cannot be met", () => {
  test.each([
    { what: "an RTO below the shortest timers", found: [23, 0, 2], key: "rto", says: /at least "24 seconds"/ },
    { what: "an RTO below a restart", found: [299, 60, 0], key: "rto", says: /at least "5 minutes".*add a replica/ },
    { what: "RPO 0 without replica", found: [300, 0, 0], key: "rpo", says: /add a replica.*set an rpo/ },
    { what: "an RPO below the archive's", found: [30, 29, 2], key: "rpo", says: /"0 seconds".*at least "30 seconds"/ },
  ] as const)("are refused: $what", ({ found: [rto, rpo, replicas], key, says }) => {
    expect(problems(rto, rpo, replicas)).toEqual([
      { path: ["objectives", key], message: expect.stringMatching(says) as string },
    ]);
  });

  test.each([
    [24, 0, 1],
    [30, 30, 1],
    [300, 30, 0],
  ])("stop at the limit: rto %d, rpo %d, %d replicas pass", (rto, rpo, replicas) => {
    expect(problems(rto, rpo, replicas)).toEqual([]);
  });

  test("are all reported together", () => {
    expect(problems(10, 0, 0).map(({ path }) => path[1])).toEqual(["rto", "rpo"]);
  });
});
