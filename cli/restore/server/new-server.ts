import { access, constants, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { Refusal } from "../../../lib/errors";
import type { LocalStackFile } from "../../../contracts/stack-file";
import type { Context } from "../../kit/answer";
import { run } from "../../../lib/process/task";
import type { SocketServer } from "../../session/sql";
import { accessRules, powerfulRoles } from "./access-rules";
import { controlData, replaySettings } from "./control-data";
import type { RestorePlan } from "../plan/plan";
import { recover } from "../recover";
import { needRoom } from "../files/room";
import { renderSettings } from "../../../lib/sql/settings-file";
import type { Source } from "../plan/source";

export interface NewServer {
  readonly directory: string;
  readonly port: number;
  readonly socketDirectory: string;
  /** What stops it. */
  readonly stop: string;
}

/** Our files next to the data. */
const files = { settings: "howdah.conf", hba: "howdah.hba", ident: "howdah.ident" } as const;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no free port");
  return address.port;
}

/** Throws a `Refusal` unless the folder is new or empty, and ours to write to. */
export async function checkNewFolder(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Refusal(`${directory} cannot be used: ${message}`);
  });
  if (names !== undefined && names.length > 0) throw new Refusal(`${directory} is not empty; name a new folder`);
  const written = names === undefined ? dirname(directory) : directory;
  await access(written, constants.W_OK).catch(() => {
    throw new Refusal(
      `${written} does not exist, or the user ${userInfo().username} cannot write to it; choose another folder`,
    );
  });
}

/** Settings of the server as its clients see it: TLS and passwords, and never an archiver. All of them are ours, none the backup's. */
function settings(
  job: LocalStackFile,
  replay: Readonly<Record<string, string>>,
  at: { port: number; socketDirectory: string; dataDirectory: string },
): string {
  const own: Record<string, string> = {
    ...replay,
    hba_file: join(at.dataDirectory, files.hba),
    ident_file: join(at.dataDirectory, files.ident),
    listen_addresses: "127.0.0.1",
    port: String(at.port),
    unix_socket_directories: at.socketDirectory,
    unix_socket_permissions: "0700",
    ssl: "on",
    ssl_ca_file: job.tls.ca,
    ssl_cert_file: job.tls.certificate,
    ssl_key_file: job.tls.key,
    ssl_min_protocol_version: "TLSv1.2",
    password_encryption: "scram-sha-256",
    shared_buffers: "128MB",
    archive_mode: "off",
    cluster_name: "howdah-restored",
  };
  return renderSettings(own);
}

/** Restores into a folder of its own and starts a server there, next to the one that serves. It stays until it is stopped. */
export async function restoreIntoNewServer(
  job: LocalStackFile,
  request: { readonly source: Source; readonly plan: RestorePlan; readonly directory: string; readonly port?: number },
  context: Context,
): Promise<NewServer> {
  const { source, plan, directory } = request;
  await checkNewFolder(directory);
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  const dataDirectory = join(directory, "data");
  const socketDirectory = join(directory, "run");
  let powerful: string[] = [];
  try {
    await needRoom(directory, plan.chosen.size);
    const atTarget = async (restored: SocketServer): Promise<void> => {
      powerful = await powerfulRoles(restored);
    };
    await recover(job, { source, plan, dataDirectory, socketDirectory }, { context, atTarget });
  } catch (error) {
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw error;
  }
  await mkdir(socketDirectory, { mode: 0o700 });
  const port = request.port ?? (await freePort());
  const replay = replaySettings(await controlData(job.postgresBin, dataDirectory));
  const file = join(dataDirectory, files.settings);
  const texts = {
    [files.settings]: settings(job, replay, { port, socketDirectory, dataDirectory }),
    [files.hba]: accessRules(powerful),
    [files.ident]: `howdah ${userInfo().username} postgres\n`,
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(dataDirectory, name), text, { mode: 0o600 });
  const control = join(job.postgresBin, "pg_ctl");
  const options = `-c config_file=${file}`;
  context.progress("starting the restored server");
  await run({
    program: control,
    args: ["start", "-D", dataDirectory, "-w", "-l", join(directory, "server.log"), "-o", options],
  });
  return { directory, port, socketDirectory, stop: `${control} stop -D ${dataDirectory}` };
}
