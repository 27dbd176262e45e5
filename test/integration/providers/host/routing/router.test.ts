import {
  leads,
  readmit,
  redirect,
  type Router,
  whileWithheld,
  withheld,
} from "../../../../../providers/host/routing/router";
import { runtimeSocket, type RuntimeSocket, statistics } from "../../../../support/servers/routing/runtime-socket";

type Statuses = Readonly<Record<string, string>>;

let socket: RuntimeSocket;
/** What HAProxy says of the servers of each backend. */
let primary: Statuses;
let replicas: Statuses;
/** End of the commands that it refuses, in addition to those for backends that it has not. */
let refused: string;

const router = (): Router => ({ socket: socket.path, backend: "primary", readBackend: "replicas" });

beforeEach(async () => {
  primary = { node1: "UP", node2: "DOWN" };
  replicas = { node1: "DOWN", node2: "UP" };
  refused = "nothing";
  socket = await runtimeSocket((command) => {
    if (command.startsWith("set server"))
      return command.includes("replicas/") && !command.endsWith(refused) ? "\n" : "No such backend.\n";
    return command.includes("primary") ? statistics("primary", primary) : statistics("replicas", replicas);
  });
});

afterEach(async () => {
  await socket.stop();
});

test("a member leads once writes reach it and no other member", async () => {
  expect(await leads(router(), "node1")).toBe(true);
  expect(await leads(router(), "node2")).toBe(false);
});

test.each<[string, Statuses]>([
  ["two", { node1: "UP", node2: "UP" }],
  ["nobody", { node1: "DOWN", node2: "DOWN" }],
])("no member leads while writes reach %s", async (_case, writes) => {
  primary = writes;
  expect(await leads(router(), "node1")).toBe(false);
});

test("without a router every member leads; one that does not answer shows no leader", async () => {
  expect(await leads(undefined, "node1")).toBe(true);
  expect(await leads({ ...router(), socket: "/nowhere" }, "node1")).toBe(false);
});

test("a new leader gets writes and no reads, at once; where no router is, there is nothing to tell", async () => {
  await expect(redirect(router(), "node2", "node1")).rejects.toThrow("HAProxy on primary/node1: No such backend.");
  const known = { ...router(), backend: "replicas/primary" };
  await redirect(known, "node2", "node1");
  await redirect({ ...known, readBackend: undefined }, "node2");
  await redirect(undefined, "node2", "node1");
  expect(socket.commands.slice(1)).toEqual([
    "set server replicas/primary/node1 health down",
    "set server replicas/primary/node2 health up",
    "set server replicas/node2 health down",
    "set server replicas/primary/node2 health up",
  ]);
});

test("a replica that is drained is found and let in again", async () => {
  replicas = { node1: "DOWN", node2: "DRAIN", node3: "UP", node4: "MAINT" };
  const found = await withheld(router());
  expect(found).toEqual(["node2", "node4"]);
  await readmit(router(), found);
  expect(socket.commands.slice(1)).toEqual([
    "set server replicas/node2 state ready",
    "set server replicas/node4 state ready",
  ]);
});

const work = (): Promise<void> => Promise.resolve(void socket.commands.push("work"));
const failing = (): Promise<void> => Promise.reject(new Error("no restart"));

test("a replica gets no reads while work goes on, and some again whatever becomes of it", async () => {
  await whileWithheld(router(), "node2", work);
  await expect(whileWithheld(router(), "node2", failing)).rejects.toThrow("no restart");
  const [drain, ready] = ["set server replicas/node2 state drain", "set server replicas/node2 state ready"];
  expect(socket.commands).toEqual([drain, "work", ready, drain, ready]);
});

test("a refusal of HAProxy is an error, and hides none that came before it", async () => {
  const other = { ...router(), readBackend: "other" };
  await expect(whileWithheld(other, "node2", work)).rejects.toThrow("HAProxy on other/node2: No such backend.");
  expect(socket.commands).not.toContain("work");
  refused = "state ready";
  await expect(whileWithheld(router(), "node2", work)).rejects.toThrow("HAProxy on replicas/node2: No such backend.");
  await expect(whileWithheld(router(), "node2", failing)).rejects.toThrow("no restart");
});

test("where no backend of replicas is known, nothing is held back", async () => {
  const { socket: path, backend } = router();
  await whileWithheld({ socket: path, backend }, "node2", work);
  expect(await withheld({ socket: path, backend })).toEqual([]);
  expect(socket.commands).toEqual(["work"]);
});
