import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Cached, parseListen, serve } from "../../../../cli/metrics/server";

test.each([
  ["0.0.0.0:9188", { host: "0.0.0.0", port: 9188 }],
  ["localhost:0", { host: "localhost", port: 0 }],
  ["[::]:9188", { host: "::", port: 9188 }],
])("%s is an address", (text, expected) => {
  expect(parseListen(text)).toEqual(expected);
});

test.each(["9188", ":9188", "0.0.0.0:", "0.0.0.0:99999", "::1:9188", "a:b"])("%s is none", (text) => {
  expect(() => parseListen(text)).toThrow("not an address to listen on");
});

describe("a cached value", () => {
  test("is asked for once while it is fresh, however many want it", async () => {
    let asked = 0;
    const cached = new Cached(60_000, () => Promise.resolve(++asked));
    expect(await Promise.all([cached.get(1000), cached.get(1000)])).toEqual([1, 1]);
    expect(await cached.get(1000)).toBe(1);
  });

  test("is asked for again once it is old, and forgotten where there is no new one", async () => {
    const answers = [Promise.resolve("old"), Promise.reject(new Error("gone")), Promise.resolve("new")];
    for (const answer of answers) answer.catch(() => undefined);
    const cached = new Cached(0, () => answers.shift()!);
    expect([await cached.get(1000), await cached.get(1000), await cached.get(1000)]).toEqual(["old", undefined, "new"]);
  });

  test("is not waited for longer than the asker can, and asked for by one at a time", async () => {
    let asked = 0;
    let answer: (value: string) => void = () => undefined;
    const cached = new Cached(60_000, () => {
      asked++;
      return new Promise<string>((resolve) => (answer = resolve));
    });
    expect([await cached.get(1), await cached.get(1)]).toEqual([undefined, undefined]);
    expect(asked).toBe(1);
    answer("late");
    await sleep(1);
    expect(await cached.get(1)).toBe("late");
  });
});

describe("the server", () => {
  test("serves its pages, and nothing else, until it is stopped", async () => {
    const end = new AbortController();
    let tell: (port: number) => void = () => undefined;
    const known = new Promise<number>((resolve) => (tell = resolve));
    const pages = (path: string) =>
      path === "/broken"
        ? Promise.reject(new Error("it broke"))
        : Promise.resolve(path === "/page" ? { type: "text/plain", text: "hello" } : undefined);
    const running = serve({ host: "127.0.0.1", port: 0 }, pages, { signal: end.signal, listening: tell });
    const at = `http://127.0.0.1:${await known}`;
    expect(await (await fetch(`${at}/page?x=1`)).text()).toBe("hello");
    const status = async (path: string, method = "GET") => (await fetch(`${at}${path}`, { method })).status;
    expect([await status("/none"), await status("/broken"), await status("/page", "POST")]).toEqual([404, 500, 405]);
    end.abort();
    await running;
    await expect(fetch(`${at}/page`)).rejects.toThrow();
  });

  test("answers what is no path with 400, and goes on", async () => {
    const end = new AbortController();
    let tell: (port: number) => void = () => undefined;
    const known = new Promise<number>((resolve) => (tell = resolve));
    const pages = () => Promise.resolve({ type: "text/plain", text: "hello" });
    const running = serve({ host: "127.0.0.1", port: 0 }, pages, { signal: end.signal, listening: tell });
    const port = await known;
    const statusOf = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        // `fetch` would make a path of it.
        get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject);
      });
    expect([await statusOf("//"), await statusOf("http://[/"), await statusOf("/page")]).toEqual([400, 400, 200]);
    end.abort();
    await running;
  });

  test("says where it cannot listen", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const { signal } = new AbortController();
    const running = serve({ host: "127.0.0.1", port }, () => Promise.resolve(undefined), {
      signal,
      listening: () => undefined,
    });
    await expect(running).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    taken.close();
  });
});
