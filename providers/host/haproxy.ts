import { connect } from "node:net";

/** Runs one command on HAProxy's runtime socket. Rejects where HAProxy does not run. */
function runtimeCommand(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = "";
    socket.setTimeout(2000, () => socket.destroy(new Error("HAProxy does not answer")));
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.on("end", () => {
      resolve(answer);
    });
    socket.on("error", reject);
    socket.end(`${command}\n`);
  });
}

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

/** Servers of a backend that somebody holds back by command, healthy or not. */
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
