import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackFileServer } from "../../../../../contracts/stack-file";
import { startServer, stopServer } from "../../../../../cli/restore/in-place/servers";
import { alive } from "../../../../../lib/system/processes";
import { freePorts } from "../../../../support/servers/ports";
import { Supervised, until } from "../../../../support/servers/supervised";
import { localJob } from "../../../../support/servers/backups/local-job";

let world: Supervised;
beforeAll(async () => {
  world = await Supervised.start();
});
afterAll(() => world.stop());

test("a server is stopped once its postmaster has ended, which outlives a Patroni that was killed; and starts again", async () => {
  const [port = 0, own = 0] = await freePorts(2);
  const job = localJob(world.folder.path, { supervisor: world.at.directory });
  await world.stage.create("Service", world.inputs("patroni", port));
  const postmaster = await world.stranger("postmaster", own);
  // Part of its command line, as a postmaster's is.
  const dataDirectory = world.folder.path;
  const server: StackFileServer = { ...job.servers[0]!, service: "patroni", dataDirectory };
  writeFileSync(join(dataDirectory, "postmaster.pid"), `${postmaster}\n`);

  await stopServer(job, server);
  expect([await world.pidOf("patroni"), await alive(postmaster)]).toEqual([undefined, false]);
  await stopServer(job, server);

  await startServer(job, server);
  await until(async () => (await world.pidOf("patroni")) !== undefined);
  const pid = await world.pidOf("patroni");
  await startServer(job, server);
  expect(await world.pidOf("patroni")).toBe(pid);
});
