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

/** Servers of a backend that HAProxy sends connections to. */
export async function serversUp(socketPath: string, backend: string): Promise<string[]> {
  const table = await runtimeCommand(socketPath, `show stat ${backend} 4 -1`);
  const [header = "", ...rows] = table.trim().split("\n");
  const columns = header.replace(/^# /, "").split(",");
  const [name, status] = [columns.indexOf("svname"), columns.indexOf("status")];
  return rows
    .map((row) => row.split(","))
    .filter((row) => row[status]?.startsWith("UP") === true)
    .map((row) => row[name] ?? "");
}
