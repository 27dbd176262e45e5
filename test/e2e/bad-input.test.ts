import { checkout } from "../../lib/paths";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { discard } from "../support/stack/discard";
import { listening, stackProcesses } from "../support/stack/processes";
import { smallConfig, TestStack, type EngineRun, type StackConfig } from "../support/stack/stack";
import { howdahCommand, typescript } from "../support/typescript";

const port = 8600;
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

const isRoot = process.getuid?.() === 0;
/** A version that the program supports and this machine does not have. */
const absent = [17, 18, 14].find((version) => !existsSync(`/usr/lib/postgresql/${version}/bin/postgres`)) ?? 16;

jest.setTimeout(240_000);

/** Runs a program in the checkout, in the environment of a stack. */
async function run(program: string, args: string[], at: TestStack = stack): Promise<EngineRun> {
  const options = { cwd: checkout, env: { ...process.env, ...at.environment() } };
  at.writeConfig();
  return new Promise((done) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : 1, stdout, stderr, output: stdout + stderr });
    });
  });
}

afterAll(async () => {
  await stack.destroy().finally(() => discard(stack));
}, 300_000);

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
    // A package manager that has none, so that no test installs a server.
    const folder = stack.path("..", "bin");
    mkdirSync(folder);
    writeFileSync(
      join(folder, "apt-get"),
      `#!/bin/sh\ncase "$*" in *update) ;; *) echo "E: Unable to locate package postgresql-${absent}"; exit 100 ;; esac\n`,
      { mode: 0o755 },
    );
    stack.config = { ...single, postgres: { ...section("postgres"), version: absent, replicas: 0 } };
    const path = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
    const { code, output } = await stack.howdah(["pulumi", "preview", "--stack", stack.name], path);
    stack.config = single;
    expect(code).not.toBe(0);
    expect(output).toContain(`postgresql-${absent}`);
    expect(output).toContain(
      isRoot ? "set howdah:postgres.version to a version that they have" : "Ask an administrator",
    );
  });

  test("is refused without root where packages are missing, with the command that installs them", async () => {
    const script = `if (process.getuid() === 0) process.setuid(65534);
require("./setup/packages/packages").ensurePackages({ postgres: ${absent} }).catch((error) => { console.error(error.message); process.exitCode = 1; });`;
    const { code, output } = await run("node", [...typescript, "--eval", script]);
    expect(code).toBe(1);
    expect(output).toContain(
      `1 Debian package is missing: postgresql-${absent} (/usr/lib/postgresql/${absent}/bin/postgres)`,
    );
    expect(output).toContain(`sudo apt-get install --no-install-recommends postgresql-${absent}`);
  });

  test("is refused where a socket's path would be too long", async () => {
    const stateDirectory = join(stack.root, "a".repeat(100));
    const { code, output } = await preview({ ...single, local: { portBase: port, stateDirectory } });
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /howdah:local\.stateDirectory: .* is too long: .* at most 107 bytes; choose a shorter folder/,
    );
  });
});

test("a full disk at the first start is named before anything is started", async () => {
  const mount = `mount -t tmpfs -o size=60m,mode=0711 tmpfs "$HOWDAH_STATE_ROOT/$HOWDAH_STACK" && exec "$@"`;
  const up = [howdahCommand, "pulumi", "up", "--yes", "--skip-preview", "--non-interactive"];
  // The disk lives as long as its last process. A user without root is root in a namespace of its own.
  const namespace = ["--mount", ...(isRoot ? [] : ["--user", "--map-root-user"])];
  const full = new TestStack("e2e-full", { ...single, local: { portBase: 8700, etcdMembers: 1 } });
  mkdirSync(full.directory);
  try {
    const { code, output } = await run(
      "unshare",
      [...namespace, "sh", "-c", mount, "sh", ...up, "--stack", full.name],
      full,
    );
    expect(code).not.toBe(0);
    // The folder whose processes are looked for.
    expect(output).toContain(`the disk of ${full.directory} is full`);
    expect(output).toMatch(/is full: \d+ MB of 60 MB are free, and \d+ MB are needed to start; make room/);
    expect(stackProcesses(full)).toEqual([]);
  } finally {
    await discard(full);
  }
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

  test("is named with its process before anything is started, and `up` goes on once it is free", async () => {
    const { code, output } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(output).toContain(`port ${port + 32} of pgbouncer is in use by process ${process.pid} (node)`);
    expect(output).toContain("howdah:local.portBase");
    expect(existsSync(stack.directory)).toBe(false);
    expect(stackProcesses(stack)).toEqual([]);
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
      `the passphrase in ${file} is not the one that stack "e2e-bad" was created with; nothing was changed`,
    );
    expect(output).toContain("Restore the old one");
    expect(await stack.plan()).toEqual([]);
  });
});
