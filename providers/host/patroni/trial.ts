import { readFile } from "node:fs/promises";
import { ProgramError, runAsService } from "../../../lib/process/task";
import { renderSettings } from "../../../lib/sql/settings-file";
import { startProblem } from "./server-log";

/** Server parameters in PostgreSQL's notation. */
export type Parameters = Readonly<Record<string, string>>;

/** A trial has its own code for "the server refused": anything else says nothing about the parameters. */
const refused = 3;

/**
 * Runs as the service user, and cleans up by itself whatever becomes of us. No client can log in to the server; `pg_ctl` reads its
 * pid file. Arguments: the folder of PostgreSQL's programs, seconds for the start. Standard input: the parameters.
 */
const script = `set -u
bin=$1 patience=$2
place=$(mktemp -d) || exit 1
data=$place/data
end() { "$bin/pg_ctl" -D "$data" -s -m immediate stop 2>/dev/null; rm -rf "$place"; }
trap end EXIT
"$bin/initdb" -D "$data" -U postgres -A reject --no-sync --no-instructions -E UTF8 --locale=C >"$place/log" 2>&1 || { cat "$place/log" >&2; exit 1; }
{ cat; printf "unix_socket_directories = '%s'\\n" "$place"; } >>"$data/postgresql.conf"
"$bin/pg_ctl" -D "$data" -s -w -t "$patience" -l "$place/server.log" start >/dev/null 2>&1 && exit 0
tail -c 20000 "$place/server.log" >&2
exit ${refused}
`;

/** What the throwaway server does not have (certificates, an archive, a folder for logs) or must not do (listen). */
const ofTrial: Parameters = {
  archive_command: "",
  archive_mode: "off",
  fsync: "off",
  listen_addresses: "",
  log_destination: "stderr",
  log_min_messages: "log",
  logging_collector: "off",
  ssl: "off",
};

/**
 * True if memory is reserved when it is asked for: then the running servers may hold all but a little, and a fourth one of full
 * size would be refused although theirs fit. A restart ends one first.
 */
async function reserves(parameters: Parameters): Promise<boolean> {
  const strict = await readFile("/proc/sys/vm/overcommit_memory", "utf8").catch(() => "0");
  return parameters["huge_pages"] === "on" || strict.trim() === "2";
}

const small: Parameters = { shared_buffers: "16MB", wal_buffers: "64kB" };

async function fileOf(parameters: Parameters): Promise<string> {
  const all = { ...parameters, ...((await reserves(parameters)) ? small : {}), ...ofTrial };
  return renderSettings(all);
}

/** Programs of a PostgreSQL. */
export interface TrialOptions {
  readonly postgresBin: string;
  /** Seconds that the server has for its start. Default 60. */
  readonly startTimeout?: number;
}

/**
 * Starts an empty throwaway server with the parameters, as the service user; takes about two seconds.
 * @returns what the server says against them; undefined if it starts
 * @throws if there could be no trial: no room on the disk, no programs
 */
export async function refusalOf(parameters: Parameters, options: TrialOptions): Promise<string | undefined> {
  const { postgresBin, startTimeout = 60 } = options;
  const command = ["sh", "-c", script, "sh", postgresBin, String(startTimeout)];
  try {
    await runAsService(command, { input: await fileOf(parameters), timeout: (startTimeout + 60) * 1000 });
    return undefined;
  } catch (error) {
    if (!(error instanceof ProgramError) || error.code !== refused) throw error;
    return startProblem(error.output) ?? `it did not start within ${startTimeout} s\n${error.output.trimEnd()}`;
  }
}
