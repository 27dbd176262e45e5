import { mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { chown, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memberProblem } from "../../../../../providers/host/patroni/server-log";
import { serviceIdentity } from "../../../../../lib/system/identity";

const at = (time: string, text: string, session = ""): string =>
  `2026-11-29 ${time}.123 UTC [7]: [1-1] db=${session},user=${session},app=,client= ${text}`;

describe("of a member", () => {
  const member = { name: "node2", service: "patroni-node2" };
  let folder: string;
  const own = async (path: string, mode: number): Promise<void> => {
    const { uid, gid } = serviceIdentity();
    await chown(path, uid, gid);
    await chmod(path, mode);
  };
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    await own(path, 0o600);
    return path;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "howdah-log-"));
    await own(folder, 0o700);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("its newest log is read, not one of last week", async () => {
    const old = await write("postgresql-node2-Mon.log", at("10:00:00", "FATAL:  the old reason"));
    await utimes(old, 1, 1);
    await write("postgresql-node2-Sun.log", at("10:00:00", "FATAL:  the reason"));
    expect(await memberProblem(folder, member, 0)).toBe("FATAL:  the reason");
  });

  test("Patroni's log has what the server writes before its own begins", async () => {
    const said = "FATAL:  could not map anonymous shared memory: Cannot allocate memory";
    await write(
      "patroni-node2.log",
      `${at("10:00:01", said)}\n2026-11-29 10:00:02,123 ERROR: postmaster is not running`,
    );
    expect(await memberProblem(folder, member, 0)).toContain("could not map");
  });

  test("nothing is read that the service user may not read himself", async () => {
    const foreign = await mkdtemp(join(tmpdir(), "howdah-root-"));
    const secret = join(foreign, "secret");
    await writeFile(secret, at("10:00:00", "FATAL:  a secret of root's"), { mode: 0o600 });
    await symlink(secret, join(folder, "patroni-node2.log"));
    const found = await memberProblem(folder, member, 0);
    await rm(foreign, { recursive: true });
    // Without root, both users are one.
    if (process.getuid?.() === 0) expect(found).toBeUndefined();
    else expect(found).toContain("secret");
  });

  test("no log is no reason", async () => {
    expect(await memberProblem(folder, member, 0)).toBeUndefined();
  });
});
