import { request } from "node:https";
import { readText } from "../system/files";
import { textOf } from "../system/network";

/** One member of a cluster, and where its Patroni answers. */
export interface Member {
  readonly name: string;
  readonly host: string;
  /** Port of PostgreSQL. */
  readonly port: number;
  /** Port of Patroni's REST API. */
  readonly restPort: number;
}

/** Files for mutual TLS with the REST API. */
export interface RestCredentials {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

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

/** Calls a REST API. Rejects if it does not answer in time. */
export function callPatroni(at: Pick<Member, "name" | "host" | "restPort">, tls: Tls, call: Call): Promise<Answer> {
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  const timeout = call.timeout ?? 5000;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: at.host,
        port: at.restPort,
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
    outgoing.on("timeout", () => outgoing.destroy(new Error(`Patroni of ${at.name} does not answer`)));
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

/** Calls one member's REST API. Rejects if it does not answer in time. */
export async function callMember(member: Member, credentials: RestCredentials, call: Call): Promise<Answer> {
  const [ca = "", cert, key] = await Promise.all(
    [credentials.caFile, credentials.certificateFile, credentials.keyFile].map((path) => readText(path)),
  );
  return callPatroni(member, { ca, cert, key }, call);
}
