import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Watched } from "../../../../contracts/guard";
import { guardServers } from "../../../../cli/guard/guard";
import { signalAll } from "../../../../cli/guard/processes";
import { serviceIdentity } from "../../../../lib/system/identity";
import { waitFor } from "../../../../lib/retry";
import { renderFor, startPooler, type ThrowawayPooler } from "../../../support/servers/routing/throwaway-pooler";
import { tlsFolder, type TlsFolder } from "../../../support/servers/postgres/tls-postgres";

let folder: TlsFolder;
let pooler: ThrowawayPooler;

beforeAll(async () => {
  folder = await tlsFolder();
});

beforeEach(async () => {
  pooler = await startPooler(folder, { name: "pooler", render: renderFor([], 1), password: "unused" });
}, 60_000);

afterEach(async () => {
  signalAll([pooler.pid], "SIGCONT");
  await pooler.stop("SIGQUIT");
});

afterAll(async () => {
  await folder.remove();
});

/** Runs a guard of the pooler while `work` does. Returns what it said. */
async function whileGuarded(work: (reply: () => string) => Promise<void>): Promise<string> {
  const stop = new AbortController();
  let reply = "";
  const { socketDirectory, port } = pooler;
  const watch: Watched[] = [
    { kind: "pgbouncer", socketDirectory, port, configuration: join(folder.path, "pooler.ini") },
  ];
  const timing = { pause: 0.2, timeout: 1, tries: 3 };
  // A guard runs as the user of the servers, and looks at no other's processes.
  const user = jest.spyOn(process, "getuid").mockReturnValue(serviceIdentity().uid);
  const running = guardServers({ watch, timing }, (text) => (reply += `${text}\n`), stop.signal);
  try {
    await work(() => reply);
  } finally {
    stop.abort();
    await running;
    user.mockRestore();
  }
  return reply;
}

test("a pooler that is frozen is killed, so that its supervisor starts it again", async () => {
  const reply = await whileGuarded(async () => {
    process.kill(pooler.pid, "SIGSTOP");
    await waitFor(() => Promise.resolve(pooler.ended() ? true : undefined), { timeout: 30_000 });
  });
  expect(pooler.ended()).toBe(true);
  expect(reply).toContain("PgBouncer (process");
  expect(reply).toContain("hangs: killed it");
}, 60_000);

test("a pooler that answers is left alone (control)", async () => {
  const reply = await whileGuarded(() => sleep(4000));
  expect(pooler.ended()).toBe(false);
  expect(reply.trim()).toBe("watching PgBouncer");
}, 60_000);
