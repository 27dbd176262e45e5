import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { programStatus, socketFile, stopProgram, supervisorPid } from "../../../../lib/supervisor/supervisor";
import { serviceIdentity } from "../../../../lib/system/identity";
import { listens } from "../../../../lib/system/network";
import { alive, processes } from "../../../../lib/system/processes";
import { encodeCall, type RpcCall } from "../../../../lib/supervisor/xml-rpc";
import { freePorts } from "../../../support/servers/ports";
import { processorTicks } from "../../../support/stack/processes";
import { Supervised, until } from "../../../support/servers/supervised";

let world: Supervised;

beforeAll(async () => {
  world = await Supervised.start();
});
afterAll(() => world.stop());

test("it runs as the service user, in folders that are its alone", async () => {
  const pid = (await supervisorPid(world.at))!;
  const { uid } = serviceIdentity();
  expect((await stat(`/proc/${pid}`)).uid).toBe(uid);
  expect(await stat(world.supervisor.id)).toMatchObject({ uid });
  expect((await stat(world.supervisor.id)).mode & 0o777).toBe(0o700);
  expect((await stat(join(world.supervisor.id, "supervisor.sock"))).mode & 0o777).toBe(0o700);
});

test("made a second time, it is the same one", async () => {
  const before = await supervisorPid(world.at);
  const again = await world.stage.create("Supervisor", world.supervisor.inputs);
  expect(await supervisorPid(world.at)).toBe(before);
  expect(await world.stage.diff((await world.stage.refresh(again))!, again.inputs)).toEqual([]);
});

/** A connection that the supervisor has accepted and answered once. */
async function connection(path: string): Promise<Socket> {
  const socket = createConnection(path);
  socket.write(httpCall({ method: "supervisor.getState", args: [] }));
  await once(socket, "data");
  return socket;
}

function httpCall(call: RpcCall): string {
  const body = encodeCall(call);
  return `POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

test("it rests though connections end in the very moment in which it starts a program", async () => {
  const { at, stage } = world;
  const [port] = (await freePorts(1)) as [number];
  await stage.create("Service", world.inputs("late", port));
  await stopProgram(at, "late");
  const pid = (await supervisorPid(at))!;
  // Their numbers become those of the program's pipes and of its log, which can always be read.
  const idle = await Promise.all(Array.from({ length: 12 }, () => connection(socketFile(at))));
  const asking = await connection(socketFile(at));
  // It has to wait for all of them at once.
  await sleep(200);
  process.kill(pid, "SIGSTOP");
  const closed = idle.map((one) => once(one.destroy(), "close"));
  asking.write(httpCall({ method: "supervisor.startProcess", args: ["late", false] }));
  await Promise.all(closed);
  process.kill(pid, "SIGCONT");
  await until(() => listens(port));
  asking.destroy();
  const before = processorTicks(pid);
  await sleep(2000);
  // Of 200.
  expect(processorTicks(pid) - before).toBeLessThan(40);
});

test("it rests while a program takes its time to stop", async () => {
  const { at, stage, supervisor } = world;
  const slow = "trap 'sleep 2; exit 0' TERM; while :; do sleep 0.1; done";
  await stage.create("Service", {
    supervisor: supervisor.id,
    name: "slow",
    command: ["/bin/sh", "-c", slow],
    ports: [],
  });
  const pid = (await supervisorPid(at))!;
  const [before, began] = [processorTicks(pid), Date.now()];
  await stopProgram(at, "slow");
  expect((await programStatus(at)).get("slow")?.state).toBe("STOPPED");
  // A tick is 10 ms: a fifth of the time that it took, however long that was.
  expect(processorTicks(pid) - before).toBeLessThan((Date.now() - began) / 50);
});

test("what a service leaves behind is its child, and leaves the process table once it has ended", async () => {
  const { at, stage, supervisor } = world;
  const notes = world.notesFile("left");
  const leave = `sh -c 'sleep 300 & echo $! > ${notes}'; exec sleep 300`;
  const inputs = { supervisor: supervisor.id, name: "leaving", command: ["/bin/sh", "-c", leave], ports: [] };
  await stage.create("Service", inputs);
  await until(() => stat(notes).then(({ size }) => size > 0, () => false)); // prettier-ignore
  const [left = ""] = await world.notes("left");
  const supervisorId = (await supervisorPid(at))!;
  await until(async () => (await readFile(`/proc/${left}/status`, "utf8")).includes(`\nPPid:\t${supervisorId}\n`));
  process.kill(Number(left), "SIGKILL");
  await until(() => stat(`/proc/${left}`).then(() => false, () => true)); // prettier-ignore
});

test("killed, it comes back, ends what it left behind, and touches nothing else", async () => {
  const { stage, supervisor, at } = world;
  const [port, foreignPort] = (await freePorts(2)) as [number, number];
  const made = await stage.create("Service", world.inputs("orphan", port));
  const orphan = (await world.pidOf("orphan"))!;
  const foreign = await world.stranger("foreign", foreignPort);
  process.kill((await supervisorPid(at))!, "SIGKILL");
  await until(async () => (await supervisorPid(at)) === undefined);

  const down = (await stage.refresh(supervisor))!;
  expect(await stage.diff(down, supervisor.inputs)).toEqual([{ property: "running", kind: "update", drift: true }]);
  expect((await stage.refresh(made))?.state["running"]).toBe(false);
  expect(await alive(orphan)).toBe(true);

  await stage.update(down, supervisor.inputs);
  expect(await alive(orphan)).toBe(false);
  expect(await alive(foreign)).toBe(true);
  await stage.update((await stage.refresh(made))!, made.inputs);
  expect(await listens(port)).toBe(true);

  await stage.delete(supervisor);
  expect([await supervisorPid(at), await listens(port), await alive(foreign)]).toEqual([undefined, false, true]);
  const left = (await processes()).filter(({ command }) => command.includes(world.notesFile("orphan")));
  expect(left).toEqual([]);
});
