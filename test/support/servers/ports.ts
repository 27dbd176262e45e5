import { createServer, type Server } from "node:net";

/**
 * Ports to choose from: below those that the kernel gives to clients (from 32768 on), where one that is free now may be a connection's
 * end by the time a server wants it, and above those of the stacks of end-to-end tests. Each worker of jest has a share of its own.
 */
const range = { first: 12_000, share: 1_000, shares: 20 } as const;

/** Begins elsewhere than another run of jest, whose workers have the same numbers and pids near ours. */
let turn = process.pid * 37;

/** The next port of this worker's share: round and round, so that one that was just given away is the last to come again. */
function nextPort(): number {
  const worker = Number(process.env["JEST_WORKER_ID"] ?? 1);
  return range.first + (worker % range.shares) * range.share + (turn++ % range.share);
}

/** Listens on a loopback port until it is closed. @param port default: a free one */
export async function listenOn(port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}

async function freePort(): Promise<number> {
  for (let tries = 0; tries < range.share; tries++) {
    const port = nextPort();
    const held = await listenOn(port).catch(() => undefined);
    if (held === undefined) continue;
    await new Promise((resolve) => held.server.close(resolve));
    return port;
  }
  throw new Error("no port of this worker's is free");
}

/** Loopback ports that nobody listens on at this moment. */
export const freePorts = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort));
