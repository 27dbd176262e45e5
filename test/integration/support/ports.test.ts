import { readFileSync } from "node:fs";
import { freePorts, listenOn } from "../../support/servers/ports";

test("ports are no client's and no two alike", async () => {
  const firstOfClients = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split("\t")[0]);
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(ports.filter((port) => port < 10_000 || port >= firstOfClients)).toEqual([]);
});

test("one with a listener is skipped", async () => {
  const [before = 0] = await freePorts(1);
  const next = await listenOn(before + 1);
  expect(await freePorts(1)).not.toContain(next.port);
  next.server.close();
});
