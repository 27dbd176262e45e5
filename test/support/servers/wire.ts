import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";

/** What stands between TCP and TLS on a port. */
export type Protocol = "postgres" | "https";

const host = "127.0.0.1";
/** PostgreSQL's SSLRequest: length 8, code 80877103. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

async function socketTo(port: number): Promise<Socket> {
  const socket = connectTcp({ host, port });
  socket.setTimeout(5000, () => socket.destroy(new Error(`port ${port} does not answer`)));
  await once(socket, "connect");
  return socket;
}

/** A connection to a port that says nothing, and gives up never. */
export async function silentTo(port: number): Promise<Socket> {
  const socket = connectTcp({ host, port });
  await once(socket, "connect");
  // However the other side ends it.
  return socket.on("error", () => undefined).resume();
}

async function upgradable(port: number): Promise<Socket> {
  const socket = await socketTo(port);
  socket.write(sslRequest);
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (answer.toString() !== "S") throw new Error(`port ${port} refuses TLS: ${answer.toString()}`);
  return socket;
}

/** A TLS connection to a port, verified as `options` say. Rejects if either side refuses. */
export async function tlsTo(port: number, protocol: Protocol, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = protocol === "postgres" ? await upgradable(port) : await socketTo(port);
  const tls = connectTls({ socket, servername: "localhost", ...options });
  await Promise.race([
    once(tls, "secureConnect"),
    once(socket, "error").then(([error]) => Promise.reject(error as Error)),
  ]);
  return tls;
}

/** Code of the error that a TLS connection ends with; `"connected"` if it does not. */
export async function tlsOutcome(port: number, protocol: Protocol, options: ConnectionOptions): Promise<string> {
  try {
    (await tlsTo(port, protocol, options)).destroy();
    return "connected";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** All that a port answers to bytes in clear, until it closes the connection; `""` if it closes at once. */
export async function plainAnswer(port: number, bytes: Buffer | string): Promise<string> {
  const socket = await socketTo(port);
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
    // An answer that asks for a password leaves the connection open.
    setTimeout(() => socket.destroy(), 500);
  });
  const closed = new Promise<void>((done) => socket.on("close", done).on("error", () => undefined));
  socket.write(bytes);
  await closed;
  return answer;
}

/** PostgreSQL's StartupMessage (protocol 3.0), which asks for a session without TLS. */
export function startupMessage(user: string, database: string): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}
