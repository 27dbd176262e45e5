import { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { host } from "../../../../../providers/host/host";
import { serviceIdentity } from "../../../../../lib/system/identity";
import { serviceFolder, type ServiceFolder } from "../../../../support/servers/service-folder";
import { PluginStage } from "../../../../support/plugins/stage";

const stage = new PluginStage(host);
let folder: ServiceFolder;
let count = 0;

beforeAll(async () => {
  folder = await serviceFolder();
});
afterAll(() => folder.remove());

const newPath = (): string => join(folder.path, `file-${++count}`);
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);
const drift = [{ property: "actual", kind: "update", drift: true }];

test("a file has its content, 0600 where nothing is said, and the service user as its owner", async () => {
  const path = newPath();
  const { id, state } = await stage.create("File", { path, content: "secret\n" });
  const { uid, gid } = serviceIdentity();
  expect(id).toBe(path);
  expect(await readFile(path, "utf8")).toBe("secret\n");
  expect(await modeOf(path)).toBe("600");
  expect(await stat(path)).toMatchObject({ uid, gid });
  expect(state["actual"]).toBe(state["expected"]);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot("a file of root's is root's, stays so, and one of the service user's in its place is drift", async () => {
  const inputs = { path: newPath(), content: "ours", mode: "0644", owner: "root" };
  const before = await stage.create("File", { ...inputs, owner: undefined });
  expect(await stage.diff(before, inputs)).toEqual([{ property: "owner", kind: "update" }]);
  const made = await stage.update(before, inputs);
  expect(await stat(inputs.path)).toMatchObject({ uid: 0, gid: 0 });
  expect(await stage.diff((await stage.refresh(made))!, inputs)).toEqual([]);
  await chown(inputs.path, serviceIdentity().uid, serviceIdentity().gid);
  expect(await stage.diff((await stage.refresh(made))!, inputs)).toEqual(drift);
});

test("any text comes back as it was, and is no drift", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), async (content) => {
      const path = newPath();
      const kept = await stage.create("File", { path, content });
      expect(await readFile(path, "utf8")).toBe(content);
      expect(await stage.diff((await stage.refresh(kept))!, kept.inputs)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("the mode is exact, whatever the umask", async () => {
  const previous = process.umask(0o077);
  try {
    const path = newPath();
    await stage.create("File", { path, content: "", mode: "0644" });
    expect(await modeOf(path)).toBe("644");
  } finally {
    process.umask(previous);
  }
});

test.each([
  ["content", (path: string) => writeFile(path, "edited")],
  ["mode", (path: string) => chmod(path, 0o644)],
])("a manual edit of the %s is drift, and an update repairs it", async (_what, edit) => {
  const path = newPath();
  const made = await stage.create("File", { path, content: "right" });
  await edit(path);
  const seen = (await stage.refresh(made))!;
  expect(await stage.diff(seen, made.inputs)).toEqual(drift);
  const repaired = await stage.update(seen, made.inputs);
  expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual(["right", "600"]);
  expect(await stage.diff((await stage.refresh(repaired))!, made.inputs)).toEqual([]);
});

test("what drifted says neither the content nor where it differs", async () => {
  const path = newPath();
  const made = await stage.create("File", { path, content: "password-of-nobody" });
  await writeFile(path, "another-password");
  const { content, ...rest } = (await stage.refresh(made))!.state;
  expect(content).toBe("password-of-nobody");
  expect(JSON.stringify(rest)).not.toContain("password");
});

test("a file that is gone is gone from the state", async () => {
  const made = await stage.create("File", { path: newPath(), content: "x" });
  await rm(made.id);
  expect(await stage.refresh(made)).toBeUndefined();
});

test("a changed content or mode updates in place; another path replaces", async () => {
  const made = await stage.create("File", { path: newPath(), content: "x" });
  expect(await stage.diff(made, { ...made.inputs, content: "y", mode: "0640" })).toEqual([
    { property: "content", kind: "update" },
    { property: "mode", kind: "update" },
  ]);
  expect(await stage.diff(made, { ...made.inputs, path: newPath() })).toEqual([{ property: "path", kind: "replace" }]);
});

test("a file that is there already is taken over, with mode and owner", async () => {
  const path = newPath();
  await writeFile(path, "old", { mode: 0o666 });
  const made = await stage.create("File", { path, content: "new" });
  expect(await readFile(path, "utf8")).toBe("new");
  expect(await modeOf(path)).toBe("600");
  expect((await stat(path)).uid).toBe(serviceIdentity().uid);
  expect(await stage.diff((await stage.refresh(made))!, made.inputs)).toEqual([]);
});

test("a symbolic link is replaced, and what it points to is left alone", async () => {
  const [target, path] = [newPath(), newPath()];
  await writeFile(target, "of somebody else");
  await symlink(target, path);
  await stage.create("File", { path, content: "ours" });
  expect(await readFile(target, "utf8")).toBe("of somebody else");
  expect(await readFile(path, "utf8")).toBe("ours");
});

test("a reader never sees half a file", async () => {
  const path = newPath();
  const contents = ["a", "b"].map((letter) => letter.repeat(300_000));
  let kept = await stage.create("File", { path, content: contents[0] });
  const seen = new Set<string>();
  let writing = true;
  const reader = (async () => {
    while (writing) seen.add(await readFile(path, "utf8"));
  })();
  for (let n = 1; n <= 20; n++) kept = await stage.update(kept, { ...kept.inputs, content: contents[n % 2] });
  writing = false;
  await reader;
  expect([...seen].filter((text) => !contents.includes(text))).toEqual([]);
});

test("missing parents are made for the service user alone", async () => {
  const parent = join(folder.path, "missing");
  await stage.create("File", { path: join(parent, "file"), content: "" });
  expect(await modeOf(parent)).toBe("700");
  expect((await stat(parent)).uid).toBe(serviceIdentity().uid);
});

test("a write that fails leaves the old content and no temporary file", async () => {
  const path = join(folder.path, "in-the-way");
  await mkdir(join(path, "below"), { recursive: true });
  await expect(stage.create("File", { path, content: "x" })).rejects.toThrow(/in-the-way/);
  expect((await readdir(folder.path)).filter((name) => name.startsWith("."))).toEqual([]);
});

test("delete removes the file, and one that is gone already is no error", async () => {
  const made = await stage.create("File", { path: newPath(), content: "x" });
  await stage.delete(made);
  await expect(stat(made.id)).rejects.toThrow("ENOENT");
  await stage.delete(made);
});

test.each([
  [{ path: "relative", content: "" }, "path: must be an absolute path"],
  [{ path: "/a", content: "", mode: "600" }, 'mode: must be four octal digits such as "0600"'],
  [{ path: "/a", content: "", mode: "0680" }, "mode: must be four octal"],
  [{ path: "/a" }, "content:"],
  [{ path: "/a", content: "", group: "me" }, "group: is not a property"],
  [{ path: "/a", content: "", owner: "me" }, "owner: Invalid option"],
])("refuses %j", async (news, message) => {
  await expect(stage.inputs("File", news)).rejects.toThrow(message);
});

describe("a file that keeps lines", () => {
  const keeps = "^KEY-[A-Z]+$";
  const write = (path: string, key: string): Record<string, unknown> => ({ path, content: `# keys\n${key}\n`, keeps });

  test("has the new content first, and every earlier key below it, once", async () => {
    const path = newPath();
    // As a stack has it whose program kept nothing yet.
    let kept = await stage.create("File", { path, content: "# old\nKEY-A\n" });
    for (const key of ["KEY-B", "KEY-C", "KEY-B"]) kept = await stage.update(kept, write(path, key));
    expect(await readFile(path, "utf8")).toBe("# keys\nKEY-B\nKEY-C\nKEY-A\n");
    expect(await stage.diff((await stage.refresh(kept))!, kept.inputs)).toEqual([]);
  });

  test.each([
    ["edited", (path: string) => writeFile(path, "KEY-FORGED\n")],
    ["deleted", (path: string) => rm(path)],
  ])("after it was %s, it is written again from the state alone", async (_how, spoil) => {
    const path = newPath();
    const made = await stage.create("File", write(path, "KEY-A"));
    const kept = await stage.update(made, write(path, "KEY-B"));
    await spoil(path);
    const seen = (await stage.refresh(kept))!;
    expect(await stage.diff(seen, kept.inputs)).toEqual(drift);
    await stage.update(seen, kept.inputs);
    expect(await readFile(path, "utf8")).toBe("# keys\nKEY-B\nKEY-A\n");
  });

  test("control: without it, an update leaves nothing of the earlier content", async () => {
    const made = await stage.create("File", { path: newPath(), content: "KEY-A\n" });
    await stage.update(made, { ...made.inputs, content: "KEY-B\n" });
    expect(await readFile(made.id, "utf8")).toBe("KEY-B\n");
  });
});
