import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenerOf, listens } from "../../../../lib/system/network";
import { freePorts, listenOn } from "../../../support/servers/ports";

test("a port with a listener is found, with its process", async () => {
  const { server, port } = await listenOn();
  expect(await listens(port)).toBe(true);
  expect(await listenerOf(port)).toMatchObject({ pid: process.pid });
  await new Promise((resolve) => server.close(resolve));
  expect(await listens(port)).toBe(false);
  expect(await listenerOf(port)).toBeUndefined();
});

test("a Unix socket is distinguished from the TCP port of its number", async () => {
  const folder = mkdtempSync(join(tmpdir(), "howdah-t-"));
  const socket = join(folder, ".s.PGSQL.6432");
  expect(await listens(socket)).toBe(false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  expect(await listens(socket)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

test("a listener on IPv6 or on any address takes the port, too", async () => {
  const [port = 0] = await freePorts(1);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "::", resolve));
  expect(await listenerOf(port)).toMatchObject({ pid: process.pid });
  await new Promise((resolve) => server.close(resolve));
});

test("a port that is only connected to is free", async () => {
  const { server, port } = await listenOn();
  const local = await new Promise<number>((resolve) => {
    server.once("connection", (socket) => {
      resolve(socket.remotePort ?? 0);
    });
    void listens(port);
  });
  expect(local).toBeGreaterThan(0);
  expect(await listenerOf(local)).toBeUndefined();
  await new Promise((resolve) => server.close(resolve));
});
