import { postmasterOf, rolesOf, signal } from "../support/nodes";
import { leaderOf } from "../support/leader";
import { smallConfig, superuser, TestStack } from "../support/stack";
import { Writer } from "../support/writer";

const small = smallConfig(8000);
const stack = new TestStack("e2e-async", {
  ...small,
  objectives: { rto: "30 seconds", rpo: "5 minutes" },
  postgres: { ...(small["postgres"] as object), replicas: 1 },
  local: { portBase: 8000, etcdMembers: 1 },
});

beforeAll(async () => {
  await stack.up();
}, 300_000);

afterAll(async () => {
  await Writer.stopAll();
  await stack.destroy();
}, 300_000);

test("without synchronous commit the same crash loses acknowledged rows, and the writer sees it", async () => {
  const { primary, replicas } = await rolesOf(stack);
  const writer = await Writer.start(stack);
  const senders = await superuser(stack, primary.port, "SELECT pid FROM pg_stat_replication");
  expect(senders).toMatch(/^\d+$/);
  // What is committed from here on never leaves the primary.
  signal([Number(senders)], "SIGSTOP");
  await writer.progress(100, 60);
  const place = { port: replicas[0]!.port, database: "app" };
  const replayed = Number(await superuser(stack, place, "SELECT max(row) FROM app.acknowledged"));
  signal([postmasterOf(primary)!, Number(senders)], "SIGKILL");
  const acknowledged = writer.count;
  await stack.awaitMembers((view) => ![undefined, primary.name].includes(leaderOf(view)?.name), 60);
  await writer.progress(50, 60);
  const { lost } = await writer.stop();
  expect(lost.length).toBeGreaterThan(90);
  // Only what the replica lacked, and nothing that it had: the control is about the replica that lags, nothing else.
  expect(replayed).toBeGreaterThanOrEqual(0);
  expect(Math.min(...lost)).toBe(replayed + 1);
  expect(Math.max(...lost)).toBeLessThanOrEqual(acknowledged + 1);
}, 180_000);
