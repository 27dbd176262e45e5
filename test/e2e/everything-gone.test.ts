import { checkout } from "../../lib/paths";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { discard } from "../support/stack/discard";
import { smallConfig, TestStack } from "../support/stack/stack";

const small = smallConfig(9200);
const config = {
  ...small,
  postgres: { ...(small["postgres"] as object), replicas: 1 },
  local: { portBase: 9200, etcdMembers: 1 },
};
const lost = new TestStack("e2e-gone", config);
const fresh = new TestStack("e2e-gone", config);
/** What is left: outside both stacks. */
const saved = { repository: join(fresh.root, "saved"), key: join(fresh.root, "backup.key") };

/** The commands of a block in the docs that is marked with `test=NAME`. */
function documented(page: string, name: string): string {
  const text = readFileSync(join(checkout, "docs", page), "utf8");
  const block = new RegExp(`^\`\`\`sh test=${name}\\n([\\s\\S]*?)^\`\`\``, "m").exec(text)?.[1];
  if (block === undefined) throw new Error(`docs/${page} has no block ${name}`);
  return block;
}

jest.setTimeout(400_000);

beforeAll(async () => {
  await lost.up();
  await lost.query("app_migrator", "CREATE TABLE app.heirloom AS SELECT g AS id FROM generate_series(1, 300) g");
  const { code } = await lost.howdah(["backup", "incr", "--stack", lost.name]);
  expect(code).toBe(0);
  await lost.query("app_migrator", "INSERT INTO app.heirloom SELECT g FROM generate_series(301, 400) g");
  // The last commits are in the archive only.
  expect((await lost.howdah(["drill", "--quick", "--stack", lost.name])).code).toBe(0);
  const { backup, backupKey } = await lost.outputs();
  writeFileSync(saved.key, `${backupKey}\n`, { mode: 0o644 });
  mkdirSync(saved.repository);
  execFileSync("cp", ["-a", `${backup.repository}/.`, saved.repository]);
  chmodSync(saved.repository, 0o755);
  await lost.destroy();
});

afterAll(async () => {
  // The lost one, too: it is not, where a step before that has failed.
  for (const stack of [lost, fresh]) await discard(stack);
});

test("with the repository and its key, the page's commands bring back every row", async () => {
  fresh.writeConfig();
  const env = {
    ...process.env,
    ...fresh.environment(),
    STACK: fresh.name,
    PULUMI_STACK: fresh.name,
    REPOSITORY: saved.repository,
    KEY_FILE: saved.key,
  };
  const script = documented("backups.md", "everything-gone");
  const ran = spawnSync("bash", ["-ex", "-c", script], { cwd: checkout, env, encoding: "utf8" });
  expect([ran.status, ran.stderr]).toEqual([0, expect.any(String)]);
  expect(await fresh.query("app", "SELECT count(*)::int AS n FROM app.heirloom")).toEqual([{ n: 400 }]);
  expect(await fresh.query("reports", "SELECT count(*)::int AS n FROM app.heirloom", "readOnly")).toEqual([{ n: 400 }]);
  expect(await fresh.plan()).toEqual([]);
});
