import { execFileSync, type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  inspect,
  lastLines,
  makeDirectory,
  namesIn,
  readText,
  removeFile,
  removeTree,
  writeAtomically,
} from "../../../../lib/system/files";
import { serviceIdentity } from "../../../../lib/system/identity";
import { changersOf, walk } from "../../../../lib/system/walk";
import { callMethod } from "../../../../lib/supervisor/xml-rpc";

/** As root only: without root there is no other user to be afraid of. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

/** What the service user does, in a shell. */
const attack = (script: string, ...words: string[]): void => {
  const [program = "", ...args]: readonly string[] = [...serviceIdentity().prefix, "sh", "-ec", script, "sh", ...words];
  execFileSync(program, args, { cwd: "/" });
};

let root: string;
/** A folder of the service user, and one of root's with a file in it that nobody else may touch. */
let own: string;
let victim: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "howdah-walk-"));
  await chmod(root, 0o711);
  [own, victim] = [join(root, "own"), join(root, "victim")];
  await mkdir(own);
  await chown(own, serviceIdentity().uid, serviceIdentity().gid);
  await mkdir(join(victim, "spool"), { recursive: true });
  await writeFile(join(victim, "spool", "file"), "root's");
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function expectVictimUntouched(): Promise<void> {
  for (const path of [victim, join(victim, "spool"), join(victim, "spool", "file")])
    expect((await stat(path)).uid).toBe(process.getuid?.());
  expect(((await stat(join(victim, "spool"))).mode & 0o777).toString(8)).toBe("755");
  expect(await readFile(join(victim, "spool", "file"), "utf8")).toBe("root's");
  expect(await namesIn(victim)).toEqual(["spool"]);
  expect(await namesIn(join(victim, "spool"))).toEqual(["file"]);
}

asRoot("behind a parent that the service user has exchanged for a link", () => {
  const spool = (): string => join(own, "backup", "spool");
  beforeEach(() => {
    attack('mkdir -p "$1/backup/spool"; mv "$1/backup" "$1/old"; ln -s "$2" "$1/backup"', own, victim);
  });

  test.each<[string, () => Promise<unknown>]>([
    ["makes and gives away no folder", () => makeDirectory(spool(), { mode: "0700" })],
    ["makes no folder below", () => makeDirectory(join(spool(), "a", "b"), { mode: "0700" })],
    ["writes no file", () => writeAtomically(join(spool(), "new"), "", { mode: "0600" })],
    ["overwrites no file", () => writeAtomically(join(spool(), "file"), "", { mode: "0600" })],
    ["deletes no folder", () => removeTree(spool())],
    ["deletes no file", () => removeFile(join(spool(), "file"))],
    ["reads no file", () => readText(join(spool(), "file"))],
    ["looks at nothing", () => inspect(spool())],
    ["lists nothing", () => namesIn(spool())],
  ])("root %s", async (_what, act) => {
    await expect(act()).rejects.toThrow(/"backup" is a symbolic link that users other than root can replace/);
    await expectVictimUntouched();
  });

  test("root quotes nothing in an error message", async () => {
    expect(await lastLines(join(spool(), "file"), 5)).toBe("");
  });

  test("root deletes the link, and not what it points to", async () => {
    await removeTree(join(own, "backup"));
    await expect(lstat(join(own, "backup"))).rejects.toThrow("ENOENT");
    await expectVictimUntouched();
  });

  test("root deletes a tree with such a link in it", async () => {
    await removeTree(own);
    await expect(lstat(own)).rejects.toThrow("ENOENT");
    await expectVictimUntouched();
  });
});

asRoot("control: a link of root's own", () => {
  test.each(["absolute", "relative"])("that is %s is followed", async (kind) => {
    await symlink(kind === "absolute" ? own : "own", join(root, "link"));
    await makeDirectory(join(root, "link", "leaf"), { mode: "0700" });
    expect((await stat(join(own, "leaf"))).uid).toBe(serviceIdentity().uid);
    await removeTree(join(root, "link", "leaf"));
    expect(await namesIn(own)).toEqual([]);
  });

  test("is not followed where it lies in a folder that others may write to", async () => {
    await symlink(victim, join(own, "link"));
    await expect(inspect(join(own, "link", "spool"))).rejects.toThrow("symbolic link");
  });

  test("that leads to itself is an error", async () => {
    await symlink("circle", join(root, "circle"));
    await expect(inspect(join(root, "circle", "x"))).rejects.toThrow("too many symbolic links");
  });
});

asRoot("a file of the service user that has become", () => {
  const file = (): string => join(own, "file");

  test.each([
    ["a FIFO", 'mkfifo "$1"', "is not a regular file"],
    ["a folder", 'mkdir "$1"', "is not a regular file"],
    ["a link to a file of root's", 'ln -s /etc/shadow "$1"', "symbolic link"],
    ["huge", 'truncate -s 1T "$1"', "bytes, but at most 16777216 are read"],
  ])("%s is not read, and does not hold root up", async (_what, script, message) => {
    attack(script, file());
    await expect(readText(file())).rejects.toThrow(message);
    expect((await lastLines(file(), 3)).replaceAll("\0", "")).toBe("");
  });

  test("a hard link to a file of root's is not read", async () => {
    // A kernel with fs.protected_hardlinks refuses that to the user; not every one has it.
    await link(join(victim, "spool", "file"), file());
    await expect(readText(file())).rejects.toThrow("is a hard link");
  });

  test("another user's is not read", async () => {
    await writeFile(file(), "x");
    await chown(file(), 65_534, 65_534);
    await expect(readText(file())).rejects.toThrow("belongs to another user (65534)");
  });

  test("the socket of a service of root's is not spoken to", async () => {
    const heard: string[] = [];
    const server = createServer((socket) => socket.on("data", (chunk) => heard.push(chunk.toString())));
    await new Promise<void>((done) => server.listen(join(victim, "spool", "sock"), done));
    attack('ln -s "$2" "$1"', file(), join(victim, "spool", "sock"));
    await expect(callMethod(file(), { method: "m", args: [] }, 1000)).rejects.toThrow("is not a socket");
    expect(heard).toEqual([]);
    await new Promise((done) => server.close(done));
  });
});

asRoot("control: what the service user left as it was", () => {
  test("is read, with its last lines", async () => {
    attack('printf "1\\n2\\n3\\n" > "$1"', join(own, "file"));
    expect(await readText(join(own, "file"))).toBe("1\n2\n3\n");
    expect(await lastLines(join(own, "file"), 2)).toBe("2\n3");
  });
});

asRoot("while the service user exchanges a folder for a link and back, all the time", () => {
  let swapping: ChildProcess;
  beforeEach(async () => {
    const script =
      'mkdir -p "$1/leaf/spool"; ln -s "$2" "$1/link"; echo ready; while :; do mv -T "$1/leaf" "$1/aside"; mv -T "$1/link" "$1/leaf"; mv -T "$1/leaf" "$1/link"; mv -T "$1/aside" "$1/leaf"; done';
    const [program = "", ...args]: readonly string[] = [
      ...serviceIdentity().prefix,
      "sh",
      "-c",
      script,
      "sh",
      own,
      victim,
    ];
    swapping = spawn(program, args, { cwd: "/", stdio: ["ignore", "pipe", "ignore"], detached: true });
    await once(swapping.stdout!, "data");
  });
  afterEach(async () => {
    const ended = once(swapping, "exit");
    process.kill(-swapping.pid!, "SIGKILL");
    await ended;
  });

  test("root touches nothing of its own", async () => {
    const spool = join(own, "leaf", "spool");
    const acts = [
      () => makeDirectory(spool, { mode: "0700" }),
      () => writeAtomically(join(spool, "file"), "theirs", { mode: "0600" }),
      () =>
        readText(join(spool, "file")).then((text) => {
          expect(text).toBe("theirs");
        }),
      () => removeFile(join(spool, "file")),
      () => removeTree(spool),
    ];
    const outcomes: PromiseSettledResult<unknown>[] = [];
    for (let round = 0; round < 20; round++)
      for (const act of acts) outcomes.push(...(await Promise.allSettled([act()])));
    await expectVictimUntouched();
    // Nothing but the exchange has stood in the way.
    const reasons = outcomes.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    expect(reasons.filter((reason) => !/symbolic link|ENOENT|ENOTDIR|cannot be deleted/.test(reason))).toEqual([]);
  });
});

asRoot("who can change a file, or put another in its place, is known by every folder above it", () => {
  const changers = (path: string) => walk(path, "keep", (found) => Promise.resolve(changersOf(found)));
  const { uid } = serviceIdentity();

  test.each<[string, () => Promise<string>, { users: number[]; many: boolean }]>([
    [
      "of root's in root's folders: nobody",
      () => Promise.resolve(join(victim, "spool", "file")),
      { users: [], many: false },
    ],
    [
      "in a folder of another user: that user",
      async () => {
        await writeFile(join(own, "file"), "");
        return join(own, "file");
      },
      { users: [uid], many: false },
    ],
    [
      "in a folder of a group's: many",
      async () => {
        await chmod(victim, 0o775);
        return join(victim, "spool", "file");
      },
      { users: [], many: true },
    ],
    [
      "in a folder like /tmp: nobody",
      async () => {
        await chmod(victim, 0o1777);
        return join(victim, "spool", "file");
      },
      { users: [], many: false },
    ],
  ])("%s", async (_what, make, expected) => {
    expect(await changers(await make())).toEqual(expected);
  });
});

test("a path that leads nowhere is named in the error", async () => {
  await rename(own, join(root, "moved"));
  await sleep(0);
  await expect(readText(join(own, "file"))).rejects.toThrow(`'${join(own, "file")}'`);
  await expect(readText(join(own, "file"))).rejects.toMatchObject({ code: "ENOENT" });
});
