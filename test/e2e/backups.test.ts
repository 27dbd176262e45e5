import { readFileSync } from "node:fs";
import { backupSuite } from "./suites/backup-taking";
import { corruption } from "./suites/backup-corruption";
import { interruption } from "./suites/backup-interruption";
import { restores } from "./suites/backup-restores";
import { discard } from "../support/discard";
import { smallConfig, TestStack } from "../support/stack";

// One stack for all of them: what takes time is to start it and to delete it.
const stack = new TestStack("e2e-backups", smallConfig(8400));

beforeAll(async () => {
  await stack.up();
}, 300_000);

afterAll(async () => {
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

test("whoever runs the stack asks for it by its name, as root or not", async () => {
  const { code, output } = await stack.tool("ops/main.ts", ["backups", "--json", "--stack", stack.name]);
  expect([code, output]).toEqual([0, expect.stringMatching(/"kind": "full"[\s\S]*"verified": true/)]);
});

backupSuite(stack);
restores(stack);
corruption(stack);
interruption(stack);

test("after all that, a second up plans nothing", async () => {
  expect(await stack.plan()).toEqual([]);
});
