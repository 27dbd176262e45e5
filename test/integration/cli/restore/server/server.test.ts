import { execFile } from "node:child_process";
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { controlData } from "../../../../../cli/restore/server/control-data";
import { RestoredServer } from "../../../../../cli/restore/server/server";
import { query } from "../../../../../cli/session/sql";
import { serviceIdentity } from "../../../../../lib/system/identity";
import { dataFolder } from "../../../../support/servers/postgres/data-folder";
import { listening } from "../../../../support/servers/backups/logical";
import { asServer } from "../../../../support/servers/routing/throwaway-pooler";
import { binaries, startPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

const run = promisify(execFile);
const asPostgres = async (...command: string[]): Promise<void> => {
  const [file, words] = asServer(command);
  await run(file, words, { cwd: "/" });
};

let bin: string;
let folder: string;
beforeAll(async () => {
  bin = await binaries();
  folder = await dataFolder("restored");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The server's programs for root, too: it may not run them itself, and the service user cannot read what it wrote. */
async function programs(): Promise<string> {
  const place = join(folder, "bin");
  await mkdir(place);
  const [file, words] = asServer([join(bin, "postgres")]);
  const postgres = `#!/bin/sh\nchown -R --reference="$(dirname "$2")" "$2"\nexec ${[file, ...words].join(" ")} "$@"\n`;
  await writeFile(join(place, "postgres"), postgres, { mode: 0o755 });
  const control = `#!/bin/sh\nexec ${join(bin, "pg_controldata")} "$@"\n`;
  await writeFile(join(place, "pg_controldata"), control, { mode: 0o755 });
  return place;
}

/** A backup of a server with 20 connections, and that server, which has started with more of them since. */
async function backupOfFewer(): Promise<{ backup: string; grown: string }> {
  const source = await startPostgres(["max_connections=20", "wal_level=replica", "max_wal_senders=3"]);
  const [backup, grown] = [join(folder, "backup"), join(folder, "grown")];
  try {
    const { host, port, superuser } = source;
    const from = ["-h", host, "-p", String(port), "-U", superuser];
    await asPostgres(join(bin, "pg_basebackup"), ...from, "-D", backup, "-X", "fetch", "-c", "fast", "--no-sync");
  } finally {
    await source.stop();
  }
  await asPostgres("cp", "--archive", backup, grown);
  const control = join(bin, "pg_ctl");
  const log = join(folder, "log");
  for (const connections of [30, 40]) {
    const options = `-c listen_addresses= -c unix_socket_directories=${folder} -c wal_level=replica -c max_connections=${connections}`;
    await asPostgres(control, "start", "-w", "-D", grown, "-l", log, "-o", options);
    await asPostgres(control, "stop", "-w", "-D", grown, "-m", "fast");
  }
  await writeFile(join(backup, "recovery.signal"), "");
  return { backup, grown };
}

test("a replay goes on past the moments at which the server got more connections than it had at its backup", async () => {
  const postgresBin = await programs();
  const { backup: dataDirectory, grown } = await backupOfFewer();
  const { uid, gid } = serviceIdentity();
  const socketDirectory = join(folder, "s");
  await mkdir(socketDirectory);
  await chown(socketDirectory, uid, gid);
  const settings = { restore_command: `cp ${grown}/pg_wal/%f %p`, recovery_target_timeline: "latest" };
  const server = await RestoredServer.start({ postgresBin, dataDirectory, socketDirectory, settings, throwaway: true });
  try {
    await server.promoted(listening());
    expect(await query(server, "SELECT current_setting('max_connections') AS connections")).toEqual([
      { connections: "40" },
    ]);
  } finally {
    await server.stop("fast");
  }
  expect((await controlData(bin, dataDirectory)).get("max_connections setting")).toBe("40");
});
