import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAll } from "../../../../cli/checks/looks";
import { freePorts } from "../../../support/servers/ports";
import { Supervised } from "../../../support/servers/supervised";
import { localJob } from "../../../support/servers/backups/local-job";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "howdah-h-"))));
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("of a stack of which nothing runs every check is there, and only the disk is good", async () => {
  const jobFile = join(folder, "job.json");
  writeFileSync(jobFile, "{}");
  const findings = await checkAll(localJob(folder, { etcd: [{ name: "etcd1", clientPort: 1 }] }), jobFile);
  const names = [
    "services",
    "etcd",
    "Patroni",
    "superuser",
    "PgBouncer",
    "archive",
    "backups",
    "drill",
    "certificates",
  ];
  expect(new Set(findings.map(({ what }) => what))).toEqual(new Set([...names, "disk"]));
  expect(findings.filter(({ good, what }) => good && what !== "disk")).toEqual([]);
  expect(findings.find(({ what }) => what === "etcd")!.detail).toContain("etcd1 does not answer");
}, 60_000);

test("a service that takes connections and never answers costs no more than its time", async () => {
  const silent: Server = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  try {
    const jobFile = join(folder, "job.json");
    writeFileSync(jobFile, "{}");
    const findings = await checkAll(localJob(folder, { etcd: [{ name: "etcd1", clientPort: port }] }), jobFile);
    expect(findings.find(({ what }) => what === "etcd")!.good).toBe(false);
  } finally {
    silent.close();
  }
}, 60_000);

test("a service that a signal has stopped does not count as one that runs", async () => {
  const [port] = await freePorts(1);
  const world = await Supervised.start();
  try {
    await world.stage.create("Service", world.inputs("plain", port!));
    const job = localJob(folder, { supervisor: world.at.directory, services: ["plain"] });
    const services = async (): Promise<unknown> =>
      (await checkAll(job, join(folder, "none"))).filter(({ what }) => what === "services");
    expect(await services()).toMatchObject([{ good: true }]);
    const pid = (await world.pidOf("plain"))!;
    process.kill(pid, "SIGSTOP");
    expect(await services()).toMatchObject([
      { good: false, detail: expect.stringContaining("plain is frozen") as string },
    ]);
    process.kill(pid, "SIGCONT");
  } finally {
    await world.stop();
  }
}, 60_000);
