import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal } from "../../../../lib/errors";
import { remoteStackFileSchema } from "../../../../contracts/stack-file";
import { judge, ownEnvironment, withoutStackOptions } from "../../../../cli/kit/as-owner";
import { exitCodes } from "../../../../cli/kit/answer";
import { serviceIdentity } from "../../../../lib/system/identity";
import { capture } from "../../../../lib/process/attended";
import { checkout, locations } from "../../../../lib/paths";
import { logicalJob } from "../../../support/servers/backups/logical";

test.each([
  [
    ["backup", "full"],
    ["backup", "full"],
  ],
  [["--stack", "a", "backup"], ["backup"]],
  [
    ["backup", "--stack=a", "--json"],
    ["backup", "--json"],
  ],
  [
    ["--job-file", "/a", "--job-file=/b", "drill", "--set", "random"],
    ["drill", "--set", "random"],
  ],
])("of %j the service user gets %j", (argv, own) => {
  expect(withoutStackOptions(argv)).toEqual(own);
});

test("the service user sees nothing of the engine's environment, no key of root's, and nothing that Node obeys", () => {
  const root = {
    PATH: "/bin",
    PULUMI_CONFIG_PASSPHRASE: "secret",
    PULUMI_ACCESS_TOKEN: "secret",
    AWS_SECRET_ACCESS_KEY: "secret",
    PGPASSWORD: "secret",
    SSH_AUTH_SOCK: "/run/agent",
    NODE_OPTIONS: "--require /evil.js",
    AWS_PROFILE: "backup",
    LC_ALL: "C.UTF-8",
    https_proxy: "http://proxy:3128",
  };
  expect(Object.keys(ownEnvironment(root))).toEqual(["PATH", "AWS_PROFILE", "LC_ALL", "https_proxy"]);
});

/** As root only: without root there is nobody to drop to. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot("root and a job's file", () => {
  const { uid, gid } = serviceIdentity();
  let root: string;
  /** A folder of the service user below a folder of root's: as `etc` of a stack. */
  let own: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "howdah-owner-"));
    chmodSync(root, 0o711);
    own = join(root, "etc");
    mkdirSync(own, { mode: 0o700 });
    chownSync(own, uid, gid);
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const write = (folder: string, owner: number, content = "{}"): string => {
    const file = join(folder, "job.json");
    writeFileSync(file, content, { mode: 0o600 });
    chownSync(file, owner, owner === 0 ? 0 : gid);
    return file;
  };

  test.each(["{}", '{"kind": "remote"}', "no JSON", ""])(
    "the owner of the file does the work, whatever it says: %j",
    async (content) => {
      expect(await judge(write(own, uid, content))).toEqual({ uid });
    },
  );

  test("control: root's own file, which no other user can write, is root's work, and read by the same check", async () => {
    expect(await judge(write(root, 0, "text"))).toEqual({ text: "text" });
  });

  test.each<[string, (file: string) => void, RegExp]>([
    [
      "of root's in another's folder",
      (file) => {
        chownSync(file, 0, 0);
      },
      /root does not trust .*: user \d+ can change or replace it/,
    ],
    [
      "that a group can write",
      (file) => {
        chmodSync(file, 0o620);
      },
      /a group, or every user, can change/,
    ],
    [
      "in a folder that everybody can write",
      () => {
        chmodSync(own, 0o777);
      },
      /a group, or every user, can change/,
    ],
    [
      "of another user than the folder's",
      (file) => {
        chownSync(file, 65_534, 65_534);
      },
      /user \d+ can change/,
    ],
    [
      "that has become a link to one of root's",
      (file) => {
        rmSync(file);
        symlinkSync(write(root, 0), file);
        execFileSync("chown", ["-h", String(uid), file]);
      },
      /root does not read the job file: .*symbolic link/,
    ],
    [
      "that has become a hard link to one of root's",
      (file) => {
        rmSync(file);
        linkSync(write(root, 0), file);
      },
      /user \d+ can change/,
    ],
    [
      "that has become a FIFO",
      (file) => {
        rmSync(file);
        execFileSync("mkfifo", [file]);
        chownSync(file, uid, gid);
      },
      /is not a regular file/,
    ],
    [
      "that is gone",
      (file) => {
        rmSync(file);
      },
      /cannot be read: .*ENOENT: no such file or directory, open '\/\S+job.json'$/,
    ],
  ])("a file %s is refused", async (_what, change, message) => {
    const file = write(own, uid);
    change(file);
    await expect(judge(file)).rejects.toThrow(message);
    await expect(judge(file)).rejects.toBeInstanceOf(Refusal);
  });

  test("a folder of the path that has become a link is refused", async () => {
    write(own, uid);
    const stack = join(root, "stack");
    mkdirSync(stack);
    chownSync(stack, uid, gid);
    symlinkSync(own, join(stack, "etc"));
    await expect(judge(join(stack, "etc", "job.json"))).rejects.toThrow(/"etc" is a symbolic link/);
  });

  test("a file in a folder like /tmp is its owner's order", async () => {
    chmodSync(root, 0o1777);
    expect(await judge(write(root, uid))).toEqual({ uid });
  });

  describe("the command itself", () => {
    /** Root may read this, the service user may not. */
    const secret = (): string => {
      const file = join(root, "secret");
      writeFileSync(file, "root's", { mode: 0o600 });
      return file;
    };

    const howdah = (file: string, env: NodeJS.ProcessEnv = {}, ...argv: string[]) =>
      capture({
        program: join(checkout, "bin", "howdah"),
        args: ["--job-file", file, ...argv],
        env: { ...process.env, HOWDAH_PROGRAMS: locations().programs, ...env },
      });

    const remote = (): string =>
      JSON.stringify(
        remoteStackFileSchema.parse({
          ...logicalJob("/usr/bin", { folder: join(own, "store") }, secret()),
          kind: "remote",
          server: { host: "127.0.0.1", port: 1, ca: "/none", user: "u", auth: { passwordFile: "/none" } },
          databases: ["app"],
          objectives: { rtoSeconds: 1, archiveSeconds: 1, drillSeconds: 1, pointInTimeSeconds: 1 },
          folders: { work: join(own, "work") },
        }),
      );

    test("does a job of kind remote as the file's owner, who cannot read what root can", () => {
      const { code, stderr } = howdah(write(own, uid, remote()), {}, "backup", "logical");
      expect(stderr).toContain("EACCES: permission denied");
      expect(code).not.toBe(0);
    });

    test("refuses a job of kind remote where the stack is one of this machine", () => {
      const { code, stderr } = howdah(write(own, uid, remote()), { HOWDAH_LOCAL_JOB: "1" }, "backup", "logical");
      expect(stderr).toContain("is for a cloud's database, but the stack is local");
      expect(code).toBe(exitCodes.refused);
    });
  });
});

test("another user's command can write to root's terminal, and has nothing there to read from", () => {
  const print =
    "const { closeSync, readFileSync } = require('fs'); const mode = (fd) => /flags:\\s+0?(\\d+)/.exec(readFileSync('/proc/self/fdinfo/' + fd, 'utf8'))[1].at(-1);";
  const look = `${print} const { lentStreams } = require('${checkout}/cli/kit/as-owner.ts'); const say = (words) => lentStreams(words).map((one) => typeof one === 'number' ? mode(one) : one).join();
    console.log(say(['drill']), say(['restore', '--in-place']), say(['restore', '--in-place', '--yes']));`;
  const file = join(mkdtempSync(join(tmpdir(), "howdah-lent-")), "look.cjs");
  writeFileSync(file, look);
  // `script` runs it in a terminal of its own; 1 is O_WRONLY, 2 is O_RDWR.
  const { stdout } = capture({
    program: "script",
    args: ["-qec", `node --import tsx ${file}`, "/dev/null"],
    cwd: checkout,
  });
  expect(stdout).toContain("ignore,1,1 2,1,1 ignore,1,1");
});
