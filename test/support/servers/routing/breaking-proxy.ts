import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";

/** A TCP proxy on a free loopback port, whose connections can be broken while a request's body passes. */
export interface BreakingProxy {
  readonly port: number;
  /** Connections that were broken so far. */
  readonly broken: number;
  /** Resets the next `count` connections that carry more than `bytes` in either direction. */
  breakNext(count: number, bytes: number): void;
  stop(): Promise<void>;
}

/** Starts a proxy before a loopback port. It passes everything on until told to break something. */
export async function startBreakingProxy(target: number): Promise<BreakingProxy> {
  let left = 0;
  let limit = Infinity;
  let broken = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port: target });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    const reset = (): void => {
      left -= 1;
      broken += 1;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    const pass = (from: Socket, to: Socket): void => {
      let passed = 0;
      from.on("data", (chunk: Buffer) => {
        passed += chunk.length;
        if (left > 0 && passed > limit && !from.destroyed) reset();
      });
      from.pipe(to);
    };
    pass(client, upstream);
    pass(upstream, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get broken() {
      return broken;
    },
    breakNext(count, bytes) {
      left = count;
      limit = bytes;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
