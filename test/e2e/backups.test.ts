import { readFileSync } from "node:fs";
import { backupSuite } from "./suites/backup-taking";
import { corruption } from "./suites/backup-corruption";
import { interruption } from "./suites/backup-interruption";
import { restores } from "./suites/backup-restores";
import { discard } from "../support/stack/discard";
import { signal } from "../support/stack/nodes";
import { servicePid } from "../support/stack/processes";
import { smallConfig, TestStack } from "../support/stack/stack";
import { Writer } from "../support/stack/writer";

// One stack for all of them: what takes time is to start it and to delete it.
const stack = new TestStack("e2e-backups", smallConfig(8400));
/** Processes that stand still while the tests run. */
const frozen: number[] = [];

beforeAll(async () => {
  await stack.up();
  // At the full hour it would take backups of its own, and the tests count theirs. To the supervisor it goes on running.
  frozen.push(await servicePid(stack, "backup-schedule"));
  signal(frozen, "SIGSTOP");
}, 300_000);

// Whatever suite has left one: it would write to the stacks of the files that come after.
afterEach(() => Writer.stopAll());

afterAll(async () => {
  // What is frozen does not end when it is asked to.
  signal(frozen, "SIGCONT");
  await discard(stack);
}, 300_000);

jest.setTimeout(240_000);

test("up itself restores its first backup, and says when and how fast", async () => {
  const { backup } = await stack.outputs();
  const { lastVerifiedAt, measuredRtoSeconds } = backup;
  expect(Date.now() - Date.parse(lastVerifiedAt)).toBeLessThan(600_000);
  expect(measuredRtoSeconds).toBeGreaterThan(0);
  expect(readFileSync(stack.path("metrics", "howdah_backup.prom"), "utf8")).toMatch(/^howdah_drill_success 1$/m);
});

test("the user who runs the stack asks for it by its name, as root or not", async () => {
  const { code, output } = await stack.howdah(["backups", "--json", "--stack", stack.name]);
  expect([code, output]).toEqual([0, expect.stringMatching(/"kind": "full"[\s\S]*"verified": true/)]);
});

backupSuite(stack);
restores(stack);
corruption(stack);
interruption(stack);

test("after all that, a second up plans nothing", async () => {
  expect(await stack.plan()).toEqual([]);
});
