import { rm, symlink } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtimeCommand, serversUp, serversWithheld, setServer } from "../../../../lib/servers/haproxy";
import { runtimeSocket, type RuntimeSocket, statistics } from "../../../support/servers/routing/runtime-socket";

/** Writes for as long as anybody reads. */
function pour(socket: Socket): void {
  while (!socket.destroyed && socket.write("x".repeat(65_536)));
  socket.once("drain", () => {
    pour(socket);
  });
}

const tables: Record<string, string> = {
  primary: statistics("primary", { node1: "DOWN", node2: "UP", node3: "DOWN 1/2" }),
  replicas: statistics("replicas", { node1: "UP 1/2", node2: "DOWN", node3: "DRAIN", node4: "MAINT" }),
};
let haproxy: RuntimeSocket;

beforeAll(async () => {
  haproxy = await runtimeSocket((command) => {
    const [, backend = ""] = /^show stat (\w+) 4 -1$/.exec(command) ?? [];
    if (command.includes("replicas/nobody")) return "No such server.\n\n";
    if (command.startsWith("set server")) return command.includes("replicas/") ? "\n" : "No such backend.\n\n";
    return tables[backend] ?? "Can't find proxy.\n";
  });
});
afterAll(() => haproxy.stop());

test("servers that are up, also on their way down, are distinguished from the others", async () => {
  expect(await serversUp(haproxy.path, "primary")).toEqual(["node2"]);
  expect(await serversUp(haproxy.path, "replicas")).toEqual(["node1"]);
});

test("servers that are held back are distinguished", async () => {
  expect(await serversWithheld(haproxy.path, "replicas")).toEqual(["node3", "node4"]);
  expect(await serversWithheld(haproxy.path, "primary")).toEqual([]);
});

test("of a backend that is not there, nothing is up", async () => {
  expect(await serversUp(haproxy.path, "other")).toEqual([]);
});

test("a server is changed by its name in the backend; HAProxy's refusal is an error", async () => {
  await setServer(haproxy.path, "replicas/node1", "state drain");
  expect(haproxy.commands.at(-1)).toBe("set server replicas/node1 state drain");
  await expect(setServer(haproxy.path, "other/node1", "health up")).rejects.toThrow(
    "HAProxy on other/node1: No such backend.",
  );
});

test("a server that HAProxy does not know is nothing to refuse: it gets no connection", async () => {
  await expect(setServer(haproxy.path, "replicas/nobody", "state drain")).resolves.toBeUndefined();
});

test("where HAProxy does not run, it is an error", async () => {
  await expect(serversUp("/nowhere/haproxy.sock", "primary")).rejects.toThrow("ENOENT");
});

test.each<[string, string | undefined, string]>([
  ["does not answer", undefined, "HAProxy does not answer"],
  ["hangs up", "", "HAProxy hangs up"],
])("where it %s, it is asked once more, and then it is an error", async (_case, answer, message) => {
  let answers = [answer, answer];
  const moody = await runtimeSocket(() => (answers.length > 0 ? answers.shift() : "\n"));
  await expect(runtimeCommand(moody.path, "show info", 50)).rejects.toThrow(message);
  expect(moody.commands).toHaveLength(2);
  answers = [answer];
  expect(await runtimeCommand(moody.path, "show info", 50)).toBe("\n");
  await moody.stop();
});

test.each<[string, (socket: Socket) => void, string]>([
  ["says a byte now and then", (socket) => void setInterval(() => socket.write("x"), 10).unref(), "does not answer"],
  ["never stops", pour, "more than"],
])("who has taken its place and %s, is no answer and costs little", async (_case, serve, message) => {
  const path = join(tmpdir(), `howdah-${process.pid}-hostile.sock`);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket.on("error", () => undefined));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    await expect(runtimeCommand(path, "show info", 200)).rejects.toThrow(message);
  } finally {
    open.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a link is not followed: the service user could have put it there", async () => {
  const link = join(tmpdir(), `howdah-${process.pid}-link.sock`);
  await symlink(haproxy.path, link);
  const before = haproxy.commands.length;
  await expect(runtimeCommand(link, "show info")).rejects.toThrow("is not a socket");
  await rm(link);
  expect(haproxy.commands).toHaveLength(before);
});
