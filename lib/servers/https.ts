import { request } from "node:https";
import { textOf } from "../system/network";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Call {
  readonly method: "GET" | "PATCH" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** `user:password`, for HTTP basic authentication. Default: none. */
  readonly auth?: string;
  /** Milliseconds. Default 5000. */
  readonly timeout?: number;
}

/** Authorities, and what we prove ourselves with if the call needs it; PEM. */
interface Tls {
  readonly ca: string;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Where a server answers, and what a complaint calls it. */
interface Place {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Makes one call. Rejects if no answer comes in time. */
export function callHttps(at: Place, tls: Tls, call: Call): Promise<Answer> {
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  const timeout = call.timeout ?? 5000;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: at.host,
        port: at.port,
        method: call.method,
        path: call.path,
        ...(call.auth === undefined ? {} : { auth: call.auth }),
        ...tls,
        agent: false,
        timeout,
        // The socket's timeout is for silence; a peer that sends a byte now and then must be cut off, too.
        signal: AbortSignal.timeout(2 * timeout),
      },
      (incoming) => {
        textOf(incoming).then((body) => {
          resolve({ status: incoming.statusCode ?? 0, body });
        }, reject);
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${at.name} does not answer`)));
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}
