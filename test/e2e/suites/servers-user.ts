import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { supervisorPid } from "../../../lib/supervisor/supervisor";
import { asOwner } from "../../support/stack/howdah";
import { capture } from "../../../lib/process/attended";
import { checkout } from "../../../lib/paths";
import type { Running } from "./context";

/** Root is needed: without it the service user is the user who runs `up`. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

/** The service user against root, with what it may write to: files and folders of the stack. */
export function serversUser(running: () => Running): void {
  const at = (...parts: string[]): string => running().stack.path(...parts);

  /** What the service user does, in a shell. Throws if the system refuses it. */
  const attack = (script: string, ...words: string[]): void => {
    const [program = "", ...args] = [...asOwner, "sh", "-ec", script, "sh", ...words];
    execFileSync(program, args, { cwd: "/", stdio: "pipe" });
  };
  /** What root types. @returns how it ended; a command that hangs is killed, and its code is then not 0 */
  const root = (program: string, ...args: string[]) =>
    capture({
      program,
      args,
      cwd: checkout,
      env: { ...process.env, HOWDAH_STATE_ROOT: running().stack.root, STACK: running().stack.name },
      timeout: 150_000,
    });
  const howdah = (...words: string[]) =>
    root(join(checkout, "bin", "howdah"), "--job-file", at("etc", "job.json"), ...words);
  /** Puts another thing in the place of a file for the time of `work`. */
  const exchanged = <T>(file: string, script: string, work: () => T): T => {
    attack(`mv "$1" "$1.kept"; ${script}`, file);
    try {
      return work();
    } finally {
      attack('rm -rf "$1"; mv "$1.kept" "$1"', file);
    }
  };

  asRoot("the service user", () => {
    // A command of root's starts Node twice.
    jest.setTimeout(200_000);

    test("can rename no folder of the stack, nor add one", () => {
      const folders = ["backup", "nodes", "etcd", "etc", "run", "tls", "log", "supervisor", "work"];
      for (const folder of [...folders, "backup/repository", "nodes/node1", "etcd/etcd1"]) {
        expect(() => {
          attack('mv "$1" "$1.moved"', at(folder));
        }).toThrow("Permission denied");
      }
      expect(() => {
        attack('mkdir "$1"', at("mine"));
      }).toThrow("Permission denied");
      expect(() => {
        attack('rm "$1"', at(`.howdah-${running().stack.name}`));
      }).toThrow("Permission denied");
    });

    test("control: what its servers write to is its own", () => {
      const uid = Number(execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }));
      for (const folder of ["etc", "run", "log", "backup/repository", "nodes/node1", "etcd/etcd1"])
        expect([folder, statSync(at(folder)).uid]).toEqual([folder, uid]);
    });

    test.each([
      ["of kind remote, with programs of its own", `printf '{"kind":"remote","postgresBin":"/tmp"}' > "$1"`],
      ["a FIFO", 'mkfifo "$1"'],
      ["a link to a file of root's", 'ln -s /etc/shadow "$1"'],
      ["huge", 'truncate -s 1T "$1"'],
    ])("who makes the job's file %s has no command of root's hang, nor read it as root", (_what, script) => {
      const { code, stderr, stdout } = exchanged(at("etc", "job.json"), script, () => howdah("backups"));
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toMatch(/job file|not a job file of this version/);
      expect(stderr).not.toMatch(/root:|\$y\$/);
    });

    test("has root's backup done as itself", () => {
      const { code, stderr } = howdah("backup", "logical");
      expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
      const uids = readdirSync(at("backup", "logical")).map((name) => statSync(at("backup", "logical", name)).uid);
      expect(new Set(uids)).toEqual(new Set([statSync(at("etc")).uid]));
    });

    test.each([
      ["exchange", 'mv "$1" "$1.kept"'],
      ["remove", 'rm -f "$1"'],
      ["write to", 'echo >> "$1"'],
      ["open the mode of", 'chmod 666 "$1"'],
    ])("cannot %s the authority's file, which root trusts", (_what, script) => {
      expect(() => {
        attack(script, at("tls", "ca.crt"));
      }).toThrow(/[Pp]ermission denied|not permitted/);
    });

    test("who exchanges a file of `up` for a FIFO or a link has it written again, and what the link names left alone", async () => {
      const victim = join(running().stack.root, "victim");
      mkdirSync(victim);
      writeFileSync(join(victim, "file"), "root's");
      chmodSync(join(victim, "file"), 0o600);
      attack('rm "$1"; mkfifo "$1"', at("etc", "etcd1.yml"));
      attack('rm "$1"; ln -s "$2" "$1"', at("etc", "etcd2.yml"), join(victim, "file"));
      attack('rm "$1"; ln -s "$2" "$1"', at("etc", "backup.crontab"), victim);
      await running().stack.up();
      for (const file of ["etcd1.yml", "etcd2.yml", "backup.crontab"])
        expect(lstatSync(at("etc", file)).isFile()).toBe(true);
      const { uid, mode } = statSync(join(victim, "file"));
      expect([uid, mode & 0o777, readdirSync(victim)]).toEqual([0, 0o600, ["file"]]);
      expect(await running().stack.plan()).toEqual([]);
    }, 300_000);

    test("who writes the number of a process of root's into a pid file has it live", async () => {
      const file = at("supervisor", "supervisord.pid");
      attack('cp "$1" "$1.true"; echo "$2" > "$1"', file, String(process.pid));
      expect(await supervisorPid({ directory: at("supervisor") })).toBeUndefined();
      attack('mv "$1.true" "$1"', file);
      expect(await supervisorPid({ directory: at("supervisor") })).toBeDefined();
    });
  });
}
