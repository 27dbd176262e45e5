import { administratorLogin } from "../../../components/platforms/aws/rds/servers";
import { callsOf, setFaults } from "../../simulation/faults";
import { type CloudStep, CloudStack, configOf } from "../../support/clouds/cloud-stack";
import { type RdsLike, startRdsLike } from "../../support/servers/postgres/rds-like";

/** Type of an RDS instance. */
export const instance = "aws:rds/instance:Instance";

/** What holds data, or what data cannot be read without. */
export const holdsData = new Set([
  instance,
  "aws:backup/vault:Vault",
  "aws:kms/key:Key",
  "aws:rds/cluster:Cluster",
  "aws:rds/clusterInstance:ClusterInstance",
  "aws:s3/bucket:Bucket",
  "aws:secretsmanager/secret:Secret",
  "postgresql:index/database:Database",
  "postgresql:index/schema:Schema",
]);

/** Operations without the properties, as one line each. */
export const lines = (steps: readonly CloudStep[]): string[] => steps.map(({ op, name }) => `${op} ${name}`);

/** Settings, keys without the namespace. */
export type Keys = Record<string, Record<string, unknown>>;

/**
 * Cases that every stack has to pass, on a stack of its own.
 * @param broken a type whose first creation fails
 */
export function cases(name: "staging" | "prod", broken: string): { stack: () => CloudStack; server: () => RdsLike } {
  // All that they do is compute, at the lowest priority: only the processor they are left with says how long it takes.
  jest.setTimeout(600_000);
  let server: RdsLike;
  let stack: CloudStack;

  beforeAll(async () => {
    server = await startRdsLike(administratorLogin);
    stack = new CloudStack(`cloud-${name}`, configOf(name), server);
    await stack.start();
  });

  afterAll(async () => {
    // Where the start has failed there may be neither.
    (stack as CloudStack | undefined)?.remove();
    await (server as RdsLike | undefined)?.stop();
  });

  test("a creation that fails in the middle fails the up, and the next up completes it; throttled calls are tried again", async () => {
    const { root } = stack.world;
    setFaults(root, {
      failures: [{ type: broken, operation: "create", error: "InternalFailure: of the test" }],
      throttle: [{ type: "aws:kms/key:Key", calls: 2 }],
    });
    const failed = await stack.tryUp();
    expect(failed.output).toContain("InternalFailure: of the test");
    expect(failed.code).not.toBe(0);
    expect(stack.world.all(broken).length).toBeLessThan(3);
    const begun = stack.world.all("aws:kms/key:Key").map(({ id }) => id);
    expect(begun.length).toBeGreaterThan(2);
    await stack.up();
    // Nothing that was there has been made twice.
    expect(stack.world.all("aws:kms/key:Key").map(({ id }) => id)).toEqual(begun);
    expect(callsOf(root).filter(({ outcome }) => outcome === "throttled")).toHaveLength(2);
  });

  test("the administrator, who is no superuser, has created pg_stat_statements, which the monitoring reads", async () => {
    const seen = `SET ROLE howdah_monitoring; SELECT extowner::regrole::text AS owner,
      (SELECT count(*) > 0 FROM extensions.pg_stat_statements WHERE query <> '<insufficient privilege>') AS seen
      FROM pg_extension WHERE extname = 'pg_stat_statements'`;
    for (const database of Object.keys((stack.config as Keys)["databases"] ?? {}))
      expect(await server.sql(database, seen)).toEqual([{ owner: administratorLogin, seen: true }]);
  });

  test("a second preview is empty, with and without a look at the world", async () => {
    expect(await stack.plan()).toEqual([]);
    expect(await stack.plan("--refresh")).toEqual([]);
  });

  return { stack: () => stack, server: () => server };
}

/** What the next up would do with another config. */
export async function planWith(stack: CloudStack, change: (keys: Keys) => void): Promise<CloudStep[]> {
  const before = stack.config;
  stack.config = structuredClone(before);
  change(stack.config as Keys);
  try {
    return await stack.plan();
  } finally {
    stack.config = before;
  }
}

/** A new major version, as somebody would write it into the config. */
export function majorUpgrade(keys: Keys): void {
  keys["postgres"]!["version"] = 16;
  keys["aws"]!["engineVersion"] = "16.10";
  keys["aws"]!["upgrade"] = { major: true };
  keys["kubernetes"]!["imagePostgres"] = 16;
}
