import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { promisify } from "node:util";
import { isTrusted, ownerIn } from "../../../../providers/runtime/peer";
import { listen, type Served } from "../../../../providers/runtime/server";

const ends = { address: "127.0.0.1", port: 0xabcd, toAddress: "127.0.0.1", toPort: 0x1234 };
const [here, there] = ["0100007F:ABCD", "0100007F:1234"];
const row = (local: string, remote: string, rest: { state?: string; user?: number; inode?: number }): string => {
  const { state = "01", user = 0, inode = 1 } = rest;
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${user}        0 ${inode} 1 0 20 4 30 10 -1`;
};

describe("the kernel's table (as a little-endian machine writes it)", () => {
  test("names the user of the socket at the other end", () => {
    expect(ownerIn(`head\n${row(there, here, { user: 7 })}\n${row(here, there, { user: 1001 })}`, ends)).toBe(1001);
  });

  test.each([
    ["the other direction", row(there, here, {})],
    ["another address with the same ports", row("0200007F:ABCD", there, {})],
    ["a connection that its process has closed", row(here, there, { state: "04", inode: 0 })],
    ["one that is only waiting for its end", row(here, there, { state: "06" })],
    ["a socket without a process", row(here, there, { inode: 0 })],
  ])("takes for nobody's: %s", (_what, text) => {
    expect(ownerIn(text, ends)).toBeUndefined();
  });

  test("is what this machine has: our own connection is ours", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = connect(port, "127.0.0.1");
    const [accepted] = (await once(server, "connection")) as [Socket];
    const its = { ...ends, port: client.localPort ?? 0, toPort: port };
    expect(ownerIn(await readFile("/proc/net/tcp", "utf8"), its)).toBe(process.getuid?.());
    expect(await isTrusted(accepted)).toBe(true);
    client.destroy();
    await once(accepted.resume(), "close");
    expect(await isTrusted(accepted)).toBe(false);
    server.close();
  });
});

/** Greets the server as HTTP/2 does and prints how many bytes come back. */
const greeting = `const c = require("net").connect(+process.argv[1], "127.0.0.1"); let n = 0;
c.on("data", (d) => { n += d.length; c.end(); }).on("error", () => {}).on("close", () => console.log(n));
c.write("PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + "\\0\\0\\0\\4\\0\\0\\0\\0\\0"); setTimeout(() => c.destroy(), 20_000).unref();`;

describe("a plugin", () => {
  let served: Served;
  beforeAll(async () => {
    served = await listen({ name: "toy", version: "1.0.0", resources: {} }, undefined);
  });
  afterAll(() => served.stop());

  const answer = async (uid?: number): Promise<number> => {
    const options = { cwd: "/", env: process.env, ...(uid === undefined ? {} : { uid, gid: uid }) };
    const { stdout } = await promisify(execFile)(
      "/usr/bin/env",
      ["node", "-e", greeting, String(served.port)],
      options,
    );
    return Number(stdout);
  };

  test("answers the user that runs it", async () => {
    expect(await answer()).toBeGreaterThan(0);
  });

  // Only root can become another user.
  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot("says nothing to another user of the machine", async () => {
    expect(await answer(65_534)).toBe(0);
  });
});
