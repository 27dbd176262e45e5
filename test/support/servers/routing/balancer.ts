import { connect, createServer, type Server, type Socket } from "node:net";

/** Plays a Service of Kubernetes: a new connection goes to a backend that is in turn, one that exists stays where it is. */
export class Balancer {
  private readonly backends: number[] = [];
  private readonly sockets = new Set<Socket>();
  private turn = 0;

  private constructor(private readonly server: Server) {
    server.on("connection", (client) => {
      this.forward(client);
    });
  }

  static async start(): Promise<Balancer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return new Balancer(server);
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** New connections may go to this loopback port. */
  add(port: number): void {
    this.backends.push(port);
  }

  /** New connections go elsewhere. */
  remove(port: number): void {
    this.backends.splice(this.backends.indexOf(port), 1);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private forward(client: Socket): void {
    const port = this.backends[this.turn++ % this.backends.length];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const backend = connect({ port, host: "127.0.0.1" });
    for (const [socket, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(backend).pipe(client);
  }
}
