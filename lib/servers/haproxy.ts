import { connect } from "node:net";
import { retry } from "../retry";
import { serviceIdentity } from "../system/identity";
import { textOf } from "../system/network";
import { atSocket } from "../system/walk";
import { MB } from "../units";

/** Milliseconds for an answer: it takes one, but a machine that starts servers may let HAProxy wait for seconds. */
const usualTimeout = 10_000;

/** Bytes: a table has some hundred for each server. */
const longestAnswer = MB;

async function askAt(socketPath: string, command: string, timeout: number): Promise<string> {
  const socket = connect(socketPath);
  // A total limit, not one for silence: an impostor could send a byte now and then.
  const timer = setTimeout(() => socket.destroy(new Error("HAProxy does not answer")), timeout);
  try {
    socket.end(`${command}\n`);
    const answer = await textOf(socket, longestAnswer);
    // An answer ends with an empty line, and be it nothing else.
    if (answer === "") throw new Error("HAProxy hangs up");
    return answer;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

const ask = (socketPath: string, command: string, timeout: number): Promise<string> =>
  atSocket(socketPath, serviceIdentity().uid, (place) => askAt(place, command, timeout));

/**
 * Runs one command on HAProxy's runtime socket, and once more if it is not answered: all of ours may be repeated, and
 * in the middle of a switchover there is no way back. Rejects if HAProxy does not run.
 */
export const runtimeCommand = (socketPath: string, command: string, timeout = usualTimeout): Promise<string> =>
  retry({ tries: 2 }, () => ask(socketPath, command, timeout));

async function serversIn(socketPath: string, backend: string, holds: (status: string) => boolean): Promise<string[]> {
  const table = await runtimeCommand(socketPath, `show stat ${backend} 4 -1`);
  const [header = "", ...rows] = table.trim().split("\n");
  const columns = header.replace(/^# /, "").split(",");
  const [name, status] = [columns.indexOf("svname"), columns.indexOf("status")];
  return rows
    .map((row) => row.split(","))
    .filter((row) => holds(row[status] ?? ""))
    .map((row) => row[name] ?? "");
}

/** Servers of a backend that HAProxy sends connections to. */
export const serversUp = (socketPath: string, backend: string): Promise<string[]> =>
  serversIn(socketPath, backend, (status) => status.startsWith("UP"));

/** Servers of a backend that are held back by command, healthy or not. */
export const serversWithheld = (socketPath: string, backend: string): Promise<string[]> =>
  serversIn(socketPath, backend, (status) => /^(DRAIN|MAINT)/.test(status));

/**
 * What a server gets from now on. `state drain`: no new connections, open ones go on. `state ready`: as its health says.
 * `health up` and `down`: what it is until a check says otherwise. A server that HAProxy does not know gets none anyway.
 */
export async function setServer(
  socketPath: string,
  server: string,
  change: "state drain" | "state ready" | "health up" | "health down",
): Promise<void> {
  const answer = (await runtimeCommand(socketPath, `set server ${server} ${change}`)).trim();
  if (answer !== "" && answer !== "No such server.") throw new Error(`HAProxy on ${server}: ${answer}`);
}
