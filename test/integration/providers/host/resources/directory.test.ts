import { chmod, chown, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { host } from "../../../../../providers/host/host";
import { serviceIdentity } from "../../../../../lib/system/identity";
import { listenOn } from "../../../../support/servers/ports";
import { serviceFolder, type ServiceFolder } from "../../../../support/servers/service-folder";
import { PluginStage } from "../../../../support/plugins/stage";

const stage = new PluginStage(host);
let folder: ServiceFolder;

beforeAll(async () => {
  folder = await serviceFolder();
});
afterAll(() => folder.remove());

const at = (name: string): string => join(folder.path, name);
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);

test("a folder is the service user's alone, its parents are made", async () => {
  const { id, inputs } = await stage.create("Directory", { path: at("a/b") });
  expect(id).toBe(at("a/b"));
  expect(inputs).toEqual({ path: at("a/b"), mode: "0700", freeMegabytes: 0, freePorts: {} });
  expect(await modeOf(id)).toBe("700");
  expect((await stat(id)).uid).toBe(serviceIdentity().uid);
});

test("one that is there is taken over with all that is in it", async () => {
  const first = await stage.create("Directory", { path: at("full"), mode: "0755" });
  await writeFile(join(first.id, "file"), "");
  await stage.create("Directory", { path: first.id });
  expect(await modeOf(first.id)).toBe("700");
  expect(await readdir(first.id)).toEqual(["file"]);
});

test("a manually changed mode is drift, and an update repairs it", async () => {
  const made = await stage.create("Directory", { path: at("mode") });
  expect(await stage.diff((await stage.refresh(made))!, made.inputs)).toEqual([]);
  await chmod(made.id, 0o777);
  const seen = (await stage.refresh(made))!;
  expect(await stage.diff(seen, made.inputs)).toEqual([{ property: "intact", kind: "update", drift: true }]);
  await stage.update(seen, made.inputs);
  expect(await modeOf(made.id)).toBe("700");
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot("another owner is drift", async () => {
  const made = await stage.create("Directory", { path: at("owner") });
  await chown(made.id, 0, 0);
  expect((await stage.refresh(made))?.state["intact"]).toBe(false);
});

asRoot("a folder of root's below one of another user is refused, by an update as well", async () => {
  const wanted = { path: at("root"), owner: "root" };
  const refused = /can be replaced by a user other than root/;
  await expect(stage.create("Directory", wanted)).rejects.toThrow(refused);
  const before = await stage.create("Directory", { path: wanted.path });
  await expect(stage.update(before, wanted)).rejects.toThrow(refused);
});

test("a file in its place is drift and not a folder", async () => {
  const made = await stage.create("Directory", { path: at("turned") });
  await rm(made.id, { recursive: true });
  await writeFile(made.id, "", { mode: 0o700 });
  expect((await stage.refresh(made))?.state["intact"]).toBe(false);
});

test("a folder that is gone is gone from the state; another path replaces", async () => {
  const made = await stage.create("Directory", { path: at("gone") });
  expect(await stage.diff(made, { path: at("elsewhere"), mode: "0711" })).toEqual([
    { property: "path", kind: "replace" },
    { property: "mode", kind: "update" },
  ]);
  await rm(made.id, { recursive: true });
  expect(await stage.refresh(made)).toBeUndefined();
});

test("delete removes it with its content, as often as it is asked", async () => {
  const lost = await stage.create("Directory", { path: at("lost") });
  await writeFile(join(lost.id, "file"), "");
  await stage.delete(lost);
  await expect(stat(lost.id)).rejects.toThrow("ENOENT");
  await stage.delete(lost);
});

test("a folder is refused where its disk lacks the room for a start, and nothing is made", async () => {
  const wanted = { path: at("large"), freeMegabytes: 1_000_000_000 };
  await expect(stage.create("Directory", wanted)).rejects.toThrow(
    /the disk of \S+large is full: \d+ MB of \d+ MB are free, and 1000000000 MB are needed to start; make room there/,
  );
  await expect(stat(at("large"))).rejects.toThrow("ENOENT");
  const made = await stage.create("Directory", { ...wanted, freeMegabytes: 1 });
  expect(await stage.diff(made, wanted)).toEqual([]);
});

test("a folder is refused if a process has a port that its services need, unless it is from before", async () => {
  const { server, port } = await listenOn();
  const wanted = { path: at("ports"), mark: ".mine", freePorts: { etcd3: [port] } };
  await expect(stage.create("Directory", wanted)).rejects.toThrow(
    `port ${port} of etcd3 is in use by process ${process.pid} (`,
  );
  await expect(stat(at("ports"))).rejects.toThrow("ENOENT");
  const made = await stage.create("Directory", { ...wanted, freePorts: {} });
  expect(await stage.diff(made, wanted)).toEqual([]);
  await stage.create("Directory", wanted);
  server.close();
});
