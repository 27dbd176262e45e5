import { setTimeout as sleep } from "node:timers/promises";
import { discard } from "../support/stack/discard";
import { processorTicks, supervisorPid } from "../support/stack/processes";
import { smallConfig, TestStack } from "../support/stack/stack";
import { access } from "./suites/access";
import { look, type Running } from "./suites/context";
import { drift } from "./suites/drift";
import { secrecy } from "./suites/secrecy";
import { serversUser } from "./suites/servers-user";
import { transport } from "./suites/transport";

// One stack for all of them: what takes time is to start it and to delete it.
const stack = new TestStack("e2e-stack", {
  ...smallConfig(7400),
  databases: {
    app: {
      applications: {
        app: {
          access: "readwrite",
          pool: 4,
          overflow: 2,
          statementTimeout: "45 seconds",
          idleInTransactionTimeout: "20 seconds",
        },
        reports: { access: "readonly", pool: 2, overflow: 1, statementTimeout: "15 minutes" },
        app_migrator: { access: "owner", pool: 1, overflow: 1, statementTimeout: "1 hour" },
      },
    },
  },
});
let running: Running;

beforeAll(async () => {
  await stack.up();
  running = await look(stack);
}, 300_000);

afterAll(async () => {
  await stack.destroy().finally(() => discard(stack));
}, 300_000);

jest.setTimeout(60_000);

test("a second up plans nothing", async () => {
  expect(await stack.plan()).toEqual([]);
});

test("the supervisor rests while nothing is asked of it", async () => {
  const pid = supervisorPid(stack);
  const before = processorTicks(pid);
  await sleep(2000);
  // Of 200: it looks at its programs once a second.
  expect(processorTicks(pid) - before).toBeLessThan(40);
});

test("an application connects through the pooler with a verified certificate", async () => {
  const [row] = await stack.query("app", "SELECT current_user AS login, current_database() AS database");
  expect(row).toEqual({ login: "app", database: "app" });
});

access(() => running);
transport(() => running);
secrecy(() => running);
drift(() => running);
serversUser(() => running);
