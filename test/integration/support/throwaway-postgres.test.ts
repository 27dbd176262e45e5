import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { alive, runningPid } from "../../../lib/system/processes";
import { waitFor } from "../../../lib/retry";
import { checkout } from "../../../lib/paths";
import { dataFolder } from "../../support/servers/postgres/data-folder";
import { typescript } from "../../support/typescript";

/** Starts a server in a process of its own, which says where its data is and goes on. */
const program = `require("./test/support/servers/postgres/throwaway-postgres").startPostgres().then((server) => {
  console.log(server.dataDirectory);
  setInterval(() => undefined, 1000);
});`;

test("a server ends with the process that started it, however that ends, and the next start removes its files", async () => {
  const worker = spawn(process.execPath, [...typescript, "-e", program], {
    cwd: checkout,
    stdio: ["ignore", "pipe", 2],
  });
  const ended = once(worker, "exit");
  const data = String((await once(worker.stdout!, "data"))[0]).trim();
  const postmaster = (await runningPid(join(data, "postmaster.pid"), "postgres"))!;
  const bystander = mkdtempSync(join(dirname(dirname(data)), `howdah-pg-${process.pid}-`));
  worker.kill("SIGKILL");
  await ended;
  const gone = async (): Promise<true | undefined> => ((await alive(postmaster)) ? undefined : true);
  expect(await waitFor(gone, { timeout: 30_000, interval: 20 })).toBe(true);
  const mine = await dataFolder("pg");
  expect([data, bystander, mine].map((path) => existsSync(path))).toEqual([false, true, true]);
  for (const path of [bystander, mine]) rmSync(path, { recursive: true });
});
