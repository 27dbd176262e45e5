import { smallConfig, TestStack } from "../support/stack";

const stack = new TestStack("e2e-life", smallConfig(7400));

beforeAll(async () => {
  await stack.up();
}, 300_000);

afterAll(async () => {
  await stack.destroy();
}, 300_000);

test("a second up plans nothing", async () => {
  expect(await stack.plan()).toEqual([]);
}, 60_000);

test("an application connects through the pooler with a verified certificate", async () => {
  const [row] = await stack.query("app", "SELECT current_user AS login, current_database() AS database");
  expect(row).toEqual({ login: "app", database: "app" });
}, 60_000);
