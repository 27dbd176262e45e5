import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { TLSSocket } from "node:tls";
import { Failure, messageOf } from "../../lib/errors";
import { within } from "../../lib/retry";
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

/** The last value of something slow to ask for; asked again once it is older than `milliseconds`, by one asker at a time. */
export class Cached<T> {
  private at = Number.NEGATIVE_INFINITY;
  private value: T | undefined;
  private asking: Promise<void> | undefined;

  /** @param ask rejects if there is no value: `get` then gives undefined, and the old value is forgotten */
  constructor(
    private readonly milliseconds: number,
    private readonly ask: () => Promise<T>,
  ) {}

  /** @param timeout milliseconds to wait for a value; the scraper gives up as well */
  async get(timeout: number): Promise<T | undefined> {
    if (performance.now() - this.at >= this.milliseconds) {
      this.asking ??= this.renew();
      const inTime = await within(timeout, this.asking).then(
        () => true,
        () => false,
      );
      if (!inTime) return undefined;
    }
    return this.value;
  }

  private async renew(): Promise<void> {
    this.value = await this.ask().catch(() => undefined);
    this.at = performance.now();
    this.asking = undefined;
  }
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
  /** Login of one without a certificate, by HTTP basic authentication. */
  readonly user: string;
  readonly password: string;
}

/** Compares in the same time wherever the first difference is. */
const isEqual = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));

function isAdmitted(request: IncomingMessage, { user, password }: Tls): boolean {
  if (request.socket instanceof TLSSocket && request.socket.authorized) return true;
  const [scheme = "", credentials = ""] = (request.headers.authorization ?? "").split(" ");
  const given = Buffer.from(credentials, "base64").toString();
  return scheme.toLowerCase() === "basic" && isEqual(given, `${user}:${password}`);
}

/** Serves pages until the signal; requests under way are answered first. @throws Failure if the port is taken */
export async function serve(
  { host, port }: Listen,
  pages: Pages,
  how: {
    readonly signal: AbortSignal;
    readonly listening: (port: number) => void;
    /** HTTPS, for those who are let in. Default: HTTP, for all. */
    readonly tls?: Tls;
  },
): Promise<void> {
  const { tls } = how;
  const answerTo: RequestListener = (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405).end();
      return;
    }
    if (tls !== undefined && !isAdmitted(request, tls)) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="howdah", charset="UTF-8"' }).end();
      return;
    }
    void answer(response, request.url ?? "/", pages);
  };
  const server =
    tls === undefined
      ? createServer(answerTo)
      : createTlsServer({ ...tls, minVersion: "TLSv1.2", requestCert: true, rejectUnauthorized: false }, answerTo);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Failure(`cannot listen on ${host}:${port}: ${error.message}`));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  how.listening(typeof address === "object" && address !== null ? address.port : port);
  if (!how.signal.aborted)
    await new Promise<void>((resolve) => {
      how.signal.addEventListener(
        "abort",
        () => {
          resolve();
        },
        { once: true },
      );
    });
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}
