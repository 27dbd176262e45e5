import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { waitFor } from "../../lib/retry";
import { discard } from "../support/stack/discard";
import { rolesOf, signal } from "../support/stack/nodes";
import { poolerConsole } from "../support/stack/pooler";
import { servicePid, stackProcesses, supervisorctl } from "../support/stack/processes";
import { smallConfig, superuser, TestStack } from "../support/stack/stack";
import { Writer } from "../support/stack/writer";

const stack = new TestStack("e2e-checks", smallConfig(8300));

/** Seconds that anything here may take; only a bound, no figure of the product. */
const patience = 60;

jest.setTimeout(240_000);

beforeAll(async () => {
  await stack.up();
}, 300_000);

afterEach(async () => {
  await Writer.stopAll();
});

afterAll(async () => {
  await discard(stack);
}, 300_000);

/** What `make status` prints, and how it ends. */
const status = () => stack.howdah(["status", "--stack", stack.name]);

/** Expects that it fails, and says each of these words in a line that is bad. */
async function fails(...words: string[]): Promise<void> {
  const { code, stdout } = await status();
  const bad = stdout.split("\n").filter((line) => line.includes("BAD"));
  expect(code).toBe(1);
  for (const word of words) expect(bad.join("\n")).toContain(word);
}

async function comesBack(): Promise<void> {
  const end = Date.now() + patience * 1000;
  for (;;) {
    const { code, stdout } = await status();
    if (code === 0) return;
    if (Date.now() > end) throw new Error(stdout);
    await sleep(500);
  }
}

/** Takes every lock that a read-only login can, and leaves them with the pooler's connection. */
async function hoard(): Promise<string> {
  const client = new Client(await stack.client("reports"));
  await client.connect();
  const error = await client.query("SELECT count(pg_advisory_lock(g)) FROM generate_series(1, 200000) g").then(
    () => "",
    (failure: unknown) => (failure as Error).message,
  );
  // The error comes before the server is ready again, and PgBouncer closes a connection that is not when its client leaves.
  await client.query("SELECT 1");
  await client.end();
  return error;
}

test("of a stack that works everything is good (control)", async () => {
  await rolesOf(stack);
  const { code, stdout } = await status();
  expect(stdout).not.toContain("BAD");
  expect(code).toBe(0);
  for (const what of ["login", "services", "etcd", "archive", "backups", "drill", "certificates", "disk"])
    expect(stdout).toContain(what);
});

test("status leaves nothing behind in a database", async () => {
  const { primary } = await rolesOf(stack);
  const objects = () => superuser(stack, { port: primary.port, database: "app" }, "SELECT count(*) FROM pg_class");
  const before = await objects();
  await status();
  expect(await objects()).toBe(before);
});

test("new sessions that a database refuses are reported, although the pooler's open connections go on", async () => {
  const { code: before } = await status();
  expect(before).toBe(0);
  await stack.query("app_migrator", "ALTER DATABASE app SET local_preload_libraries = 'missing'");
  try {
    expect(await stack.query("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    const { code, stdout } = await status();
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/login +│ BAD +│ app, a new session: could not access file "[^"]*missing"/);
  } finally {
    await stack.query("app_migrator", "ALTER DATABASE app RESET local_preload_libraries");
  }
  await comesBack();
});

test("locks of a read-only login that keep everybody out are ended, and writes come back without a loss", async () => {
  const { primary } = await rolesOf(stack);
  const log = stack.path("log", `guard-${primary.name}.log`);
  const writer = await Writer.start(stack);
  await writer.progress(20, patience);
  expect(await hoard()).toContain("out of shared memory");
  // Connections of the pool that are open already go on without a new lock: only the guard's log tells when it has acted.
  const acted = () => Promise.resolve(readFileSync(log, "utf8").includes("terminated the sessions") || undefined);
  expect(await waitFor(acted, { timeout: patience * 1000 })).toBe(true);
  await writer.progress(50, patience);
  expect((await writer.stop()).lost).toEqual([]);
  // The session ended, and not the server.
  expect((await rolesOf(stack)).primary.name).toBe(primary.name);
  await comesBack();
});

test("as long as they are not ended, status fails and names it", async () => {
  const { primary } = await rolesOf(stack);
  const guard = await servicePid(stack, `guard-${primary.name}`);
  signal([guard], "SIGSTOP");
  try {
    expect(await hoard()).toContain("out of shared memory");
    await fails("superuser", "out of shared memory", "login");
  } finally {
    signal([guard], "SIGCONT");
  }
  await comesBack();
});

test("a member of etcd that is frozen is named, and status does not wait for it", async () => {
  const pid = await servicePid(stack, "etcd2");
  signal([pid], "SIGSTOP");
  try {
    await fails("etcd2 does not answer");
  } finally {
    signal([pid], "SIGCONT");
  }
  await comesBack();
});

test("a service that was stopped is named, a guard too", async () => {
  const { primary } = await rolesOf(stack);
  await supervisorctl(stack, "stop", `guard-${primary.name}`);
  try {
    await fails(`guard-${primary.name} is STOPPED`);
  } finally {
    await supervisorctl(stack, "start", `guard-${primary.name}`);
  }
  await comesBack();
});

test("a pooler that runs but rejects all logins is found by the login check", async () => {
  const file = stack.path("etc", "pgbouncer-userlist.txt");
  const content = readFileSync(file, "utf8");
  writeFileSync(file, '"howdah_pooler" "wrong"\n');
  await poolerConsole(stack, "RELOAD");
  await poolerConsole(stack, "RECONNECT");
  try {
    await fails("login", "app, read-write", "reports, read-only");
  } finally {
    writeFileSync(file, content);
    await poolerConsole(stack, "RELOAD");
  }
  await comesBack();
});

test.each(["pgbouncer", "haproxy"])(
  "%s, frozen, is ended by its guard, and clients get through again",
  async (service) => {
    const frozen = stackProcesses(stack)
      .filter(({ command }) => command.includes(`/${service} `))
      .map(({ pid }) => pid);
    expect(frozen).not.toEqual([]);
    const pid = await servicePid(stack, service);
    signal(frozen, "SIGSTOP");
    const end = Date.now() + patience * 1000;
    while ((await servicePid(stack, service)) === pid) {
      if (Date.now() > end) {
        signal(frozen, "SIGCONT");
        throw new Error(readFileSync(stack.path("log", "guard-pooler.log"), "utf8"));
      }
      await sleep(200);
    }
    await comesBack();
  },
);

test("an archive that takes nothing is named", async () => {
  const { primary } = await rolesOf(stack);
  const { nodes } = await stack.outputs();
  const broken = "ALTER SYSTEM SET archive_command = '/bin/false'";
  const failures = async (): Promise<number> =>
    Number(await superuser(stack, primary.port, "SELECT failed_count FROM pg_stat_archiver"));
  const before = await failures();
  await superuser(stack, primary.port, broken);
  await superuser(stack, primary.port, "SELECT pg_reload_conf()");
  // A switch is one only if something was written since the last; the archiver may still have the old command for the first.
  const written = "SELECT pg_create_restore_point('for the archive'), pg_switch_wal()";
  const end = Date.now() + patience * 1000;
  while ((await failures()) === before && Date.now() < end) {
    await superuser(stack, primary.port, written);
    await sleep(500);
  }
  try {
    await fails("archiving has been failing");
  } finally {
    for (const { port } of nodes.filter(({ name }) => name === primary.name)) {
      await superuser(stack, port, "ALTER SYSTEM RESET archive_command");
      await superuser(stack, port, "SELECT pg_reload_conf()");
    }
  }
});
