import { stat } from "node:fs/promises";
import { join } from "node:path";
import { supervisorPid } from "../../../providers/host/supervisor";
import { serviceIdentity } from "../../../providers/host/system/identity";
import { listens } from "../../../providers/host/system/network";
import { alive, processes } from "../../../providers/host/system/processes";
import { freePorts } from "../../support/ports";
import { Supervised, until } from "../../support/supervised";

jest.setTimeout(60_000);

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
