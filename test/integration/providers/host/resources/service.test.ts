import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { host } from "../../../../../providers/host/host";
import { effectOf, type ServiceInputs } from "../../../../../providers/host/resources/service";
import { isPlanned } from "../../../../../lib/supervisor/planned-work";
import { stopProgram } from "../../../../../lib/supervisor/supervisor";
import { serviceIdentity } from "../../../../../lib/system/identity";
import { listens } from "../../../../../lib/system/network";
import { alive } from "../../../../../lib/system/processes";
import { freePorts, listenOn } from "../../../../support/servers/ports";
import { Supervised, until } from "../../../../support/servers/supervised";

let world: Supervised;
let ports: number[];

beforeAll(async () => {
  world = await Supervised.start();
  ports = await freePorts(7);
});
afterAll(() => world.stop());

const newPort = (): number => ports.pop()!;

// Those that run servers do so side by side, as `up` does: most of the time they wait for what the supervisor calls a start.
describe("a service", () => {
  test.concurrent("is there once it listens, as the service user, and is no drift", async () => {
    const port = newPort();
    const made = await world.stage.create("Service", world.inputs("plain", port));
    const pid = (await world.pidOf("plain"))!;
    expect(await listens(port)).toBe(true);
    expect((await stat(`/proc/${pid}`)).uid).toBe(serviceIdentity().uid);
    expect(await world.stage.diff((await world.stage.refresh(made))!, made.inputs)).toEqual([]);

    const again = await world.stage.create("Service", made.inputs);
    expect(await world.notes("plain")).toEqual([`start ${pid}`]);

    process.kill(pid, "SIGKILL");
    await until(async () => ![undefined, pid].includes(await world.pidOf("plain")));
    await until(() => listens(port));

    await stopProgram(world.at, "plain");
    const stopped = (await world.stage.refresh(again))!;
    expect(await world.stage.diff(stopped, made.inputs)).toEqual([
      { property: "running", kind: "update", drift: true },
    ]);
    await world.stage.update(stopped, made.inputs);
    expect(await listens(port)).toBe(true);

    await world.stage.delete(made);
    expect(await listens(port)).toBe(false);
    expect(await world.pidOf("plain")).toBeUndefined();
    expect(await readdir(join(world.supervisor.id, "programs"))).not.toContain("plain.ini");
    await world.stage.delete(made);
  });

  test.each<[string, Record<string, unknown>]>([
    ["nothing", {}],
    ["reload", { reloadTriggers: { file: "2" } }],
    ["reload", { reloadTriggers: {} }],
    ["reload", { reloadSignal: "USR2" }],
    ["reload", { startSeconds: 20 }],
    ["restart", { restartTriggers: { file: "2" } }],
    ["restart", { restartTriggers: { file: "2" }, reloadTriggers: { file: "2" } }],
    ["restart", { command: ["/usr/bin/other"] }],
    ["restart", { environment: { LANG: "C" } }],
    ["reload", { ports: [] }],
    ["restart", { stopSeconds: 10 }],
    ["restart", { stopSignal: "INT" }],
  ])("%s follows %j", async (effect, change) => {
    const base = { ...world.inputs("effect", 5000), reloadTriggers: { file: "1" }, restartTriggers: { file: "1" } };
    const inputs = async (news: object) => (await world.stage.inputs("Service", { ...base, ...news })) as ServiceInputs;
    expect(effectOf(await inputs({}), await inputs(change))).toBe(effect);
  });

  test.concurrent("keeps its process at a reload, and gets one other at a restart or by another command", async () => {
    const port = newPort();
    const base = world.inputs("effects", port);
    const made = await world.stage.create("Service", base);
    const first = (await world.pidOf("effects"))!;
    const reloaded = await world.stage.update(made, { ...base, reloadTriggers: { file: "2" } });
    await until(async () => (await world.notes("effects")).length === 2);
    const restarted = await world.stage.update(reloaded, { ...reloaded.inputs, restartTriggers: { file: "2" } });
    const second = (await world.pidOf("effects"))!;
    await world.stage.update(restarted, { ...restarted.inputs, environment: { LANG: "C" } });
    const third = (await world.pidOf("effects"))!;
    expect(await world.notes("effects")).toEqual([`start ${first}`, "HUP", `start ${second}`, `start ${third}`]);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  test.concurrent("reloads with its own signal, and a companion that it left behind with HUP; ends both", async () => {
    const [port, companionPort] = [newPort(), newPort()];
    const pid = await world.stranger("companion", companionPort);
    const pidFile = join(world.folder.path, "companion.pid");
    await writeFile(pidFile, `${pid}\n`);
    const companion = { pidFile, word: world.notesFile("companion") };
    const base = world.inputs("signal", port, { reloadSignal: "USR2", companion });
    const made = await world.stage.create("Service", base);
    const reloaded = await world.stage.update(made, { ...base, reloadTriggers: { file: "2" } });
    await until(
      async () => (await world.notes("signal")).includes("USR2") && (await world.notes("companion")).includes("HUP"),
    );

    const foreign = { ...reloaded, state: { ...reloaded.state, companion: { pidFile, word: "/not/its/command" } } };
    await world.stage.delete(foreign);
    expect(await alive(pid)).toBe(true);
    await world.stage.delete(reloaded);
    expect(await alive(pid)).toBe(false);
  });

  test.concurrent("is refused where another process has its port, and the error names that process", async () => {
    const { server, port } = await listenOn();
    const message = `port ${port} of taken is in use by process ${process.pid} (node`;
    await expect(world.stage.create("Service", world.inputs("taken", port))).rejects.toThrow(message);
    server.close();
    expect(await readdir(join(world.supervisor.id, "programs"))).not.toContain("taken.ini");
  });

  test.concurrent.each([
    ["ends", ["/bin/sh", "-c", "echo the disk is full; exit 3"], /ends is [A-Z]+ after 5 s; .*\nthe disk is full/],
    ["missing", ["/no/such/program"], /missing is [A-Z]+ after 5 s; .*no\/such\/program/s],
  ])("one that does not start (%s) is an error with the end of its log", async (name, words, message) => {
    const inputs = { supervisor: world.supervisor.id, name, command: words, startSeconds: 5 };
    await expect(world.stage.create("Service", inputs)).rejects.toThrow(message);
    await world.stage.delete({ type: "Service", id: name, inputs, state: await world.stage.inputs("Service", inputs) });
    expect(await world.pidOf(name)).toBeUndefined();
  });

  // After those that run side by side, which announce what they do.
  test("announces a restart and its end as planned work, and keeps a reload and a new limit to itself", async () => {
    const announced = async <T>(work: () => Promise<T>): Promise<readonly [T, boolean]> => {
      await rm(join(world.supervisor.id, "planned.update"), { force: true });
      return [await work(), await isPlanned(world.at, "update")];
    };
    const base = world.inputs("planned", newPort());
    const [made, atStart] = await announced(() => world.stage.create("Service", base));
    const [reloaded, atReload] = await announced(() =>
      world.stage.update(made, { ...base, reloadTriggers: { file: "2" }, startSeconds: 20 }),
    );
    const [restarted, atRestart] = await announced(() =>
      world.stage.update(reloaded, { ...reloaded.inputs, restartTriggers: { file: "2" } }),
    );
    const [other, atChange] = await announced(() =>
      world.stage.update(restarted, { ...restarted.inputs, environment: { LANG: "C" } }),
    );
    const [, atEnd] = await announced(() => world.stage.delete(other));
    expect({ atStart, atReload, atRestart, atChange, atEnd }).toEqual({
      atStart: false,
      atReload: false,
      atRestart: true,
      atChange: true,
      atEnd: true,
    });
  });

  test("another name or supervisor replaces it, the old one first", async () => {
    const base = world.inputs("name", 5000);
    const kept = {
      type: "Service",
      id: "name",
      inputs: await world.stage.inputs("Service", base),
      state: { running: true },
    };
    expect(await world.stage.diff(kept, { ...base, name: "other", supervisor: "/elsewhere" })).toEqual([
      { property: "supervisor", kind: "replace" },
      { property: "name", kind: "replace" },
    ]);
    expect(host.resources["host:index:Service"]?.deleteBeforeReplace).toBe(true);
  });

  test.each([
    [{ name: "Upper" }, "name: lower-case letters"],
    [{ command: ["relative"] }, "command.0: must be an absolute path"],
    [{ command: ["/bin/x", "a\nb"] }, "command: must have no control character"],
    [{ environment: { A: "b\nuser=root" } }, "environment.A: must have no control character"],
    [{ environment: { "A=B": "c" } }, "environment.A=B"],
    [{ ports: [80] }, "ports.0"],
  ])("refuses %j", async (news, message) => {
    await expect(world.stage.inputs("Service", world.inputs("name", 5000, news))).rejects.toThrow(message);
  });
});
