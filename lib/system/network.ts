import { readdir, readFile, readlink } from "node:fs/promises";
import { connect, type NetConnectOpts } from "node:net";
import type { Readable } from "node:stream";
import { MB } from "../units";
import { serviceIdentity } from "./identity";
import { atSocket } from "./walk";

const accepts = (at: NetConnectOpts): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(at);
    const answer = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(1000, answer(false));
    socket.on("connect", answer(true));
    socket.on("error", answer(false));
  });

/** True if something accepts connections on a loopback port, or on a Unix socket of ours or the service user's. */
export const listens = (at: number | string): Promise<boolean> =>
  typeof at === "number"
    ? accepts({ host: "127.0.0.1", port: at })
    : atSocket(at, serviceIdentity().uid, (path) => accepts({ path })).catch(() => false);

/** Inodes of the sockets that listen on a TCP port, whatever the address. */
async function listeningInodes(port: number): Promise<Set<string>> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const rows = tables.flatMap((table) => table.split("\n").slice(1)).map((row) => row.trim().split(/\s+/));
  // Columns: 1 local address, 3 state (0A is LISTEN), 9 inode.
  return new Set(
    rows
      .filter((row) => row[1]?.endsWith(`:${hex}`) === true && row[3] === "0A")
      .map((row) => `socket:[${row[9] ?? ""}]`),
  );
}

/** A process that listens on a port. */
export interface Listener {
  readonly pid: number | undefined;
  readonly command: string;
}

/** Who listens on a TCP port; undefined if no process does. `pid` is undefined if the owner may not be seen. */
export async function listenerOf(port: number): Promise<Listener | undefined> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const links = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const targets = await Promise.all(links.map((link) => readlink(`/proc/${pid}/fd/${link}`).catch(() => "")));
    if (targets.some((target) => inodes.has(target))) {
      const command = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "?");
      return { pid: Number(pid), command: command.trim() };
    }
  }
  return { pid: undefined, command: "a process of another user" };
}

/** Enough for every answer of a server of ours. */
const usualLimit = 16 * MB;

/**
 * The whole text of a stream. Who answers may be anybody who has taken the port or the socket, and never stop.
 * @param limit bytes. Default 16 MB
 * @throws if there is more; the stream is then closed
 */
export async function textOf(stream: Readable, limit = usualLimit): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Error(`the response has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
