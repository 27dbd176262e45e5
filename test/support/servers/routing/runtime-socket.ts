import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A stand-in for HAProxy's runtime socket: it writes down commands and answers them. */
export interface RuntimeSocket {
  readonly path: string;
  readonly commands: string[];
  stop(): Promise<void>;
}

/** @param answer to each command; undefined leaves it without one */
export async function runtimeSocket(answer: (command: string) => string | undefined): Promise<RuntimeSocket> {
  const path = join(tmpdir(), `howdah-${process.pid}-${Math.random().toString(36).slice(2)}.sock`);
  const commands: string[] = [];
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", (chunk: Buffer) => {
      const command = chunk.toString().trim();
      commands.push(command);
      const text = answer(command);
      if (text !== undefined) socket.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stop = async (): Promise<void> => {
    open.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
    await rm(path, { force: true });
  };
  return { path, commands, stop };
}

/** What `show stat` prints of servers, by name; only the columns that stand around those we read. */
export function statistics(backend: string, servers: Readonly<Record<string, string>>): string {
  const rows = Object.entries(servers).map(([name, status]) => `${backend},${name},0,0,0,1,,${status},1,`);
  return ["# pxname,svname,qcur,qmax,scur,smax,slim,status,weight,", ...rows, "", ""].join("\n");
}
