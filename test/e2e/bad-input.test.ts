import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { listening, stackProcesses, supervisorctl } from "../support/processes";
import { smallConfig, TestStack, type EngineRun, type StackConfig } from "../support/stack";

const port = 7400;
const base = smallConfig(port);
const section = (name: string): Record<string, unknown> => base[name] as Record<string, unknown>;
/** One server and one etcd: what starts fastest. */
const single: StackConfig = {
  ...base,
  objectives: { rto: "10 minutes", rpo: "10 minutes" },
  postgres: { ...section("postgres"), replicas: 0 },
  local: { portBase: port, etcdMembers: 1 },
};
const stack = new TestStack("e2e-bad", single);

jest.setTimeout(90_000);

afterAll(async () => {
  await stack.destroy();
}, 120_000);

/** The config of this test only, shown as a preview. */
async function preview(config: StackConfig): Promise<EngineRun> {
  stack.config = config;
  try {
    return await stack.pulumi("preview", "--non-interactive");
  } finally {
    stack.config = single;
  }
}

describe("a config that cannot work", () => {
  afterEach(() => {
    expect(existsSync(stack.directory)).toBe(false);
    expect(stackProcesses(stack)).toEqual([]);
  });

  test("is refused with all its problems at once: a misspelt key, too many connections, an RTO below the timers", async () => {
    const { code, output } = await preview({
      ...base,
      poolr: {},
      objectives: { rto: "5 seconds", rpo: "0 seconds" },
      postgres: { ...section("postgres"), parameters: { max_connections: 20 } },
    });
    expect(code).not.toBe(0);
    expect(output).toMatch(/howdah:poolr.*did you mean.*pooler/s);
    expect(output).toMatch(/howdah:objectives\.rto: found "5 seconds"; allowed: at least "\d+ seconds"/);
    expect(output).toMatch(/howdah:postgres\.parameters\.max_connections: .*more than 20.*set it to \d+ or more/);
    expect(output).not.toMatch(/at \S+\.ts:\d+/);
  });

  test("is refused where RPO 0 has no replica to keep it", async () => {
    const { code, output } = await preview({ ...single, objectives: { rto: "10 minutes", rpo: "0 seconds" } });
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /howdah:objectives\.rpo: found "0 seconds" with no replica.*add a replica \(howdah:postgres\.replicas\)/,
    );
  });

  test("is refused where PostgreSQL is too old", async () => {
    const { code, output } = await preview({
      ...single,
      postgres: { ...section("postgres"), version: 13, replicas: 0 },
    });
    expect(code).not.toBe(0);
    expect(output).toMatch(/howdah:postgres\.version: found 13; allowed: .*14/);
  });

  test("is refused where that PostgreSQL is not on the machine and not to be had", async () => {
    const { code, output } = await preview({
      ...single,
      postgres: { ...section("postgres"), version: 17, replicas: 0 },
    });
    expect(code).not.toBe(0);
    expect(output).toContain("postgresql-17");
    expect(output).toContain("howdah:postgres.version");
  });

  test("is refused where a socket's path would be too long", async () => {
    const stateDirectory = join(stack.root, "a".repeat(100));
    const { code, output } = await preview({ ...single, local: { portBase: port, stateDirectory } });
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /howdah:local\.stateDirectory: .* is too long: .* 107 bytes at most; choose a shorter folder/,
    );
  });
});

describe("a port that another process has", () => {
  let blocker: Server;

  beforeAll(async () => {
    blocker = createServer();
    await new Promise<void>((done) => blocker.listen(port + 32, "127.0.0.1", done));
  });

  afterAll(() => {
    blocker.close();
  });

  test("is named with its process, the rest stays, and `up` goes on once it is free", async () => {
    const { code, output } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(output).toContain(`port ${port + 32} of pgbouncer is in use by process ${process.pid} (node)`);
    expect(output).toContain("howdah:local.portBase");
    expect(await supervisorctl(stack, "status")).toMatch(/patroni-node1 +RUNNING/);
    // Ours is left alone.
    expect(blocker.listening).toBe(true);

    await new Promise((done) => blocker.close(done));
    await stack.up();
    expect(listening(stack).map((one) => one.port)).toContain(port + 32);
    expect(await stack.query("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

describe("a passphrase that is not the stack's", () => {
  test("is refused with the file to mend, and nothing is lost once it is back", async () => {
    const file = join(stack.root, ".passphrase");
    const right = readFileSync(file, "utf8");
    writeFileSync(file, "somebody else's\n");
    const { code, output } = await stack.tryUp();
    writeFileSync(file, right);
    expect(code).not.toBe(0);
    expect(output).toContain(
      `the passphrase in ${file} is not the one that stack "e2e-bad" was made with; nothing was changed`,
    );
    expect(output).toContain("Put the old one back");
    expect(await stack.plan()).toEqual([]);
  });
});
