import { waitFor } from "../../lib/retry";
import { discard } from "../support/stack/discard";
import { awaitPoint, killedUp, startUp } from "../support/stack/interrupted";
import { rolesOf } from "../support/stack/nodes";
import { pausedDatabases, poolerConsole } from "../support/stack/pooler";
import { orphans, supervisorctl } from "../support/stack/processes";
import { smallConfig, superuser, TestStack } from "../support/stack/stack";
import { Writer } from "../support/stack/writer";

const small = smallConfig(9000);
const config = { ...small, postgres: { ...(small["postgres"] as object), replicas: 1 } };
const stack = new TestStack("e2e-broken", config);

const creating = (resource: string) => (output: string) => new RegExp(` ${resource} creating`).test(output);

async function statuses(): Promise<Set<string>> {
  const lines = (await supervisorctl(stack, "status")).trim().split("\n");
  return new Set(lines.map((line) => line.split(/\s+/)[1] ?? ""));
}

afterEach(() => Writer.stopAll(), 120_000);

afterAll(async () => {
  await stack.destroy().finally(() => discard(stack));
}, 300_000);

test("a first up that is killed again and again is completed by the next, and a second one at the same time is refused", async () => {
  for (const resource of ["foundation-supervisor", "postgres-cluster", "access-database-app", "backups-stanza"])
    await killedUp(stack, creating(resource));
  const last = startUp(stack);
  await awaitPoint(last, (output) => output.includes("Updating"));
  const second = await stack.tryUp();
  expect(second.code).not.toBe(0);
  expect(second.output).toMatch(/lock/);
  expect(await last.ended).toBe(0);
  expect(last.output()).toContain("was killed: removing its lock");
  expect(await statuses()).toEqual(new Set(["RUNNING"]));
  expect(await orphans(stack)).toEqual([]);
  expect(await stack.plan()).toEqual([]);
  expect(await stack.query("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
}, 300_000);

test("a pause ends by itself when the up that made it is killed, and the next up completes the restart", async () => {
  await rolesOf(stack);
  stack.config = { ...config, postgres: { ...config.postgres, parameters: { max_connections: 60 } } };
  const writer = await Writer.start(stack);
  await killedUp(stack, async () => (await pausedDatabases(stack)).includes("app"));
  // A second after the kill, and one database after the other.
  const resumed = async (): Promise<true | undefined> =>
    (await pausedDatabases(stack)).length === 0 ? true : undefined;
  expect(await waitFor(resumed, { timeout: 60_000 })).toBe(true);
  // Patroni carries out alone what it was asked for before the kill: only a client that tries again gets through meanwhile.
  await writer.progress(10, 60);
  await stack.up();
  const { primary, replicas } = await rolesOf(stack);
  expect((await writer.stop()).lost).toEqual([]);
  for (const { port } of [primary, ...replicas])
    expect(await superuser(stack, port, "SHOW max_connections")).toBe("60");
  expect(await stack.plan()).toEqual([]);
}, 240_000);

test("a pause that is left behind all the same is found by the next up, and ended", async () => {
  await poolerConsole(stack, "PAUSE app");
  expect(await pausedDatabases(stack)).toEqual(["app"]);
  await stack.up();
  expect(await pausedDatabases(stack)).toEqual([]);
  expect(await stack.query("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
}, 120_000);
