import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { TLSSocket } from "node:tls";
import { Failure, messageOf } from "../../lib/errors";
import { repeat } from "../../lib/retry";
import { sha256 } from "../../lib/text/hash";

/** Prometheus' text format. */
export const textFormat = "text/plain; version=0.0.4; charset=utf-8";

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** `0.0.0.0:9188`, `[::]:9188`. @throws Failure */
export function parseListen(text: string): Listen {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || host === "" || Number(port) > 65_535)
    throw new Failure(`"${text}" is not an address to listen on, such as 0.0.0.0:9188`);
  return { host, port: Number(port) };
}

/** Text of a path, with its type; undefined for a path that there is not. */
export type Pages = (path: string) => Promise<{ readonly type: string; readonly text: string } | undefined>;

async function answer(response: ServerResponse, url: string, pages: Pages): Promise<void> {
  try {
    const base = "http://localhost";
    if (!URL.canParse(url, base)) {
      response.writeHead(400, { "content-type": "text/plain" }).end("invalid path\n");
      return;
    }
    const page = await pages(new URL(url, base).pathname);
    response.writeHead(page === undefined ? 404 : 200, { "content-type": page?.type ?? "text/plain" });
    response.end(page?.text ?? "not found\n");
  } catch (error) {
    response.writeHead(500, { "content-type": "text/plain" });
    response.end(`${messageOf(error)}\n`);
  }
}

/** How scrapers are let in. */
export interface Tls {
  /** Certificate and key that are shown, PEM. */
  readonly cert: string;
  readonly key: string;
  /** Authority of scrapers' certificates, PEM: one who shows a certificate of it needs no password. */
  readonly ca: string;
  /** `user:password` of one without a certificate, for HTTP basic authentication. Default: none is let in without. */
  readonly login?: string;
}

/** Compares in the same time wherever the first difference is. */
const isEqual = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));

function isAdmitted(request: IncomingMessage, { login }: Tls): boolean {
  if (request.socket instanceof TLSSocket && request.socket.authorized) return true;
  if (login === undefined) return false;
  const [scheme = "", credentials = ""] = (request.headers.authorization ?? "").split(" ");
  const given = Buffer.from(credentials, "base64").toString();
  return scheme.toLowerCase() === "basic" && isEqual(given, login);
}

/** Whether the process answers is for all to know: Kubernetes asks without a certificate. */
const health: Pages = (path) => Promise.resolve(path === "/healthz" ? { type: "text/plain", text: "ok\n" } : undefined);

const contextOf = ({ cert, key, ca }: Tls) => ({ cert, key, ca, minVersion: "TLSv1.2" }) as const;

interface Serving {
  readonly signal: AbortSignal;
  readonly listening: (port: number) => void;
  readonly note: (text: string) => void;
  /** Reads certificate and password. */
  readonly tls: () => Promise<Tls>;
  /** Milliseconds after which they are read again: certificates are renewed while the server runs. Default: a minute. */
  readonly renewal?: number;
}

/**
 * Serves pages over HTTPS until the signal, to those who are let in, and `/healthz` to all; requests under way are answered first.
 * @throws Failure if the port is taken
 */
export async function serve({ host, port }: Listen, pages: Pages, how: Serving): Promise<void> {
  const { signal, note, renewal = 60_000 } = how;
  let tls = await how.tls();
  const server = createServer(
    { ...contextOf(tls), requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { method, url = "/" } = request;
      if (method !== "GET" && method !== "HEAD") response.writeHead(405).end();
      else if (isAdmitted(request, tls))
        void answer(response, url, async (path) => (await health(path)) ?? pages(path));
      else if (url === "/healthz") void answer(response, url, health);
      else response.writeHead(401, { "www-authenticate": 'Basic realm="howdah", charset="UTF-8"' }).end();
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Failure(`cannot listen on ${host}:${port}: ${error.message}`));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  how.listening(typeof address === "object" && address !== null ? address.port : port);
  const renew = async (): Promise<number> => {
    try {
      const read = await how.tls();
      if (JSON.stringify(read) !== JSON.stringify(tls)) server.setSecureContext(contextOf(read));
      tls = read;
    } catch (error) {
      // Halfway through a renewal, a key does not fit its certificate.
      note(`the certificate cannot be read again: ${messageOf(error)}`);
    }
    return renewal;
  };
  await repeat(renew, signal);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}
