import fc from "fast-check";
import { poolerShareProblems } from "../../../../../components/kubernetes/rules";
import { loginShare, mostPods, podShare } from "../../../../../components/kubernetes/pooler/shares";
import { databasesSchema } from "../../../../../components/postgres/schema";
import { connectionBudget, type Pool } from "../../../../../components/capacity/connections";
import { anyDatabases, sampleDatabases } from "../../../../support/servers/postgres/databases";
import { clusterSettings } from "../../../../support/clouds/fake-cloud";

const anyPods = fc.integer({ min: 2, max: 50 });

/** True if all pods together may take more than the pool has. */
const exceeds = (pool: Pool, share: Pool, pods: number): boolean =>
  share.limit * pods > pool.limit || (share.size + share.overflow) * pods > pool.size + pool.overflow;

test("pods together never hold more connections than the budget, of all users nor of one", () => {
  fc.assert(
    fc.property(anyDatabases, anyPods, (databases, pods) => {
      for (const pool of connectionBudget(databases).pools)
        expect(exceeds(pool, podShare(pool, pods), pods)).toBe(false);
    }),
  );
});

test("the same check finds shares that are too large", () => {
  const [pool] = connectionBudget(sampleDatabases).pools;
  expect(exceeds(pool!, podShare(pool!, 3), 4)).toBe(true);
});

test("where the rules have no objection, each pod can look up a password and serve a client of every database", () => {
  fc.assert(
    fc.property(anyDatabases, anyPods, (databases, max) => {
      const kubernetes = clusterSettings({ poolers: { min: 2, max } });
      fc.pre(poolerShareProblems({ databases, kubernetes }).length === 0);
      const { pools, logins } = connectionBudget(databases);
      for (const login of logins) expect(loginShare(login, max).share?.size ?? 1).toBeGreaterThanOrEqual(1);
      for (const pool of pools) {
        const share = podShare(pool, max);
        expect(share.limit).toBeGreaterThanOrEqual(2);
        expect(share.size).toBeGreaterThanOrEqual(1);
        expect(share.overflow).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

test("a budget that cannot be shared out is a problem, which says how many poolers there may be", () => {
  const problems = (max: number) =>
    poolerShareProblems({ databases: sampleDatabases, kubernetes: clusterSettings({ poolers: { min: 2, max } }) });
  const [smallest] = connectionBudget(sampleDatabases)
    .pools.map(mostPods)
    .sort((a, b) => a - b);
  expect(problems(smallest!)).toEqual([]);
  expect(problems(smallest! + 1)).toEqual([
    {
      path: ["kubernetes", "poolers", "max"],
      message: `found ${smallest! + 1}, but the pools of database "audit" (16 connections, 10 + 5 for a login) cannot be divided among that many; allowed: at most ${smallest}, or raise pool or overflow of its applications`,
    },
  ]);
});

test("a login in session mode needs a connection in each pod", () => {
  const databases = databasesSchema.parse({
    orders: { applications: { web: {}, feed: { poolMode: "session", pool: 2, overflow: 1 } } },
  });
  const problems = (max: number) =>
    poolerShareProblems({ databases, kubernetes: clusterSettings({ poolers: { min: 2, max } }) });
  expect(problems(3)).toEqual([]);
  expect(problems(4)).toEqual([
    {
      path: ["kubernetes", "poolers", "max"],
      message:
        'found 4, but login "feed" has 3 connections for its sessions, and each pooler needs one of them; allowed: at most 3, or raise its pool or overflow',
    },
  ]);
});

test("fewer poolers at most than at least are a problem", () => {
  const kubernetes = clusterSettings({ poolers: { min: 4, max: 3 } });
  expect(poolerShareProblems({ databases: sampleDatabases, kubernetes })).toEqual([
    expect.objectContaining({ message: "found 3; allowed: howdah:kubernetes.poolers.min (4) or more" }),
  ]);
});
