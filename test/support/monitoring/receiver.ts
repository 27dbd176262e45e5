import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { freePorts } from "../servers/ports";

/** An alert, as Alertmanager posts it ("Configuration", webhook_config). */
export interface Posted {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  /** When it arrived; milliseconds. */
  readonly at: number;
}

/** A webhook that keeps what it gets. */
export class Receiver {
  /** By path. */
  readonly got = new Map<string, Posted[]>();
  readonly tokens = new Set<string | undefined>();

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  static async start(): Promise<Receiver> {
    const [port = 0] = await freePorts(1);
    const server = createServer();
    const receiver = new Receiver(server, port);
    server.on("request", (request, response) => {
      void text(request).then((body) => {
        const { alerts } = JSON.parse(body) as { alerts: readonly Omit<Posted, "at">[] };
        receiver.tokens.add(request.headers.authorization);
        receiver.keep(request.url ?? "", alerts);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return receiver;
  }

  /** Its config in `howdah:monitoring.routing.receivers`. */
  at(path: string): object {
    return { webhook: { url: `http://127.0.0.1:${this.port}${path}`, token: "token-of-the-test" } };
  }

  /** What arrived at a path. */
  posted(path: string): readonly Posted[] {
    return this.got.get(path) ?? [];
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private keep(path: string, alerts: readonly Omit<Posted, "at">[]): void {
    const at = Date.now();
    this.got.set(path, [...this.posted(path), ...alerts.map((alert) => ({ ...alert, at }))]);
  }
}
