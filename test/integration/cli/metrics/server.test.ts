import { X509Certificate } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { connect } from "node:tls";
import { type Pages, parseListen, serve, type Tls } from "../../../../cli/metrics/server";
import { waitFor } from "../../../../lib/retry";
import { https } from "../../../support/servers/https";
import { tlsFolder, type TlsFolder } from "../../../support/servers/postgres/tls-postgres";

let folder: TlsFolder;
let ca: string;
let files: { certificate: string; key: string };
let scraper: { cert: string; key: string };
const text = (file: string): string => readFileSync(file, "utf8");

beforeAll(async () => {
  folder = await tlsFolder();
  ca = text(folder.caFile);
  files = await folder.certificate("server");
  const { certificate, key } = await folder.certificate("scraper");
  scraper = { cert: text(certificate), key: text(key) };
});
afterAll(() => folder.remove());

/** Serves until `end`. */
async function started(pages: Pages, change: Partial<Tls> = {}, renewal?: number) {
  const end = new AbortController();
  const notes: string[] = [];
  let tell: (port: number) => void = () => undefined;
  const known = new Promise<number>((resolve) => (tell = resolve));
  const tls = () => Promise.resolve({ cert: text(files.certificate), key: text(files.key), ca, ...change });
  const how = { signal: end.signal, listening: tell, tls, note: (said: string) => notes.push(said) };
  const running = serve({ host: "127.0.0.1", port: 0 }, pages, {
    ...how,
    ...(renewal === undefined ? {} : { renewal }),
  });
  const port = await known;
  const get = (path: string, options: object = scraper) => https(port, { path, ca, ...options });
  const stop = (): Promise<void> => {
    end.abort();
    return running;
  };
  return { port, get, stop, notes };
}

test.each([
  ["0.0.0.0:9188", { host: "0.0.0.0", port: 9188 }],
  ["localhost:0", { host: "localhost", port: 0 }],
  ["[::]:9188", { host: "::", port: 9188 }],
])("%s is an address", (address, expected) => {
  expect(parseListen(address)).toEqual(expected);
});

test.each(["9188", ":9188", "0.0.0.0:", "0.0.0.0:99999", "::1:9188", "a:b"])("%s is none", (address) => {
  expect(() => parseListen(address)).toThrow("not an address to listen on");
});

const page: Pages = (path) =>
  path === "/broken"
    ? Promise.reject(new Error("it broke"))
    : Promise.resolve(path === "/page" ? { type: "text/plain", text: "hello" } : undefined);

describe("the server", () => {
  test("serves its pages, and nothing else, until it is stopped", async () => {
    const { get, stop } = await started(page);
    expect((await get("/page?x=1")).body).toBe("hello");
    const status = async (path: string, options: object = {}) => (await get(path, { ...scraper, ...options })).status;
    expect(await status("/none")).toBe(404);
    expect(await status("/broken")).toBe(500);
    expect(await status("/page", { method: "POST" })).toBe(405);
    expect([await status("//"), await status("http://[/"), await status("/page")]).toEqual([400, 400, 200]);
    await stop();
    await expect(get("/page")).rejects.toThrow();
  });

  test("lets in who shows a certificate of the authority, or knows the password if there is one", async () => {
    const strict = await started(page);
    const open = await started(page, { login: "prometheus:word" });
    const status = async ({ get }: typeof strict, options: object) => (await get("/page", options)).status;
    const withPassword = { auth: "prometheus:word" };
    expect([await status(strict, {}), await status(strict, withPassword), await status(strict, scraper)]).toEqual([
      401, 401, 200,
    ]);
    expect([await status(open, {}), await status(open, withPassword), await status(open, scraper)]).toEqual([
      401, 200, 200,
    ]);
    expect(await status(open, { auth: "prometheus:other" })).toBe(401);
    await Promise.all([strict.stop(), open.stop()]);
  });

  test("tells everyone whether it answers, and nothing else", async () => {
    const { get, stop } = await started(page);
    expect(await get("/healthz", {})).toEqual({ status: 200, body: "ok\n" });
    expect((await get("/healthz?x=/page", {})).status).toBe(401);
    await stop();
  });

  test("shows a renewed certificate, and goes on with the old one while the new one is incomplete", async () => {
    const { port, get, stop, notes } = await started(page, {}, 20);
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: "127.0.0.1", port, ca, ...scraper }, () => {
          resolve(new X509Certificate(socket.getPeerCertificate().raw).serialNumber);
          socket.destroy();
        }).on("error", reject);
      });
    const before = await shown();
    const fresh = await folder.certificate("fresh");
    copyFileSync(fresh.certificate, files.certificate);
    await waitFor(() => Promise.resolve(notes.length > 0 ? true : undefined), { timeout: 10_000 });
    expect(notes[0]).toMatch(/the certificate cannot be read again: .*key values mismatch/);
    expect([await shown(), (await get("/page")).status]).toEqual([before, 200]);
    copyFileSync(fresh.key, files.key);
    const renewed = new X509Certificate(text(fresh.certificate)).serialNumber;
    const found = await waitFor(async () => ((await shown()) === renewed ? true : undefined), { timeout: 10_000 });
    expect([found, renewed === before]).toEqual([true, false]);
    await stop();
  });

  test("says where it cannot listen", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const running = serve({ host: "127.0.0.1", port }, page, {
      signal: new AbortController().signal,
      listening: () => undefined,
      note: () => undefined,
      tls: () => Promise.resolve({ cert: text(files.certificate), key: text(files.key), ca }),
    });
    await expect(running).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    taken.close();
  });
});
