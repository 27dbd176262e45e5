import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alive, endProcess, processes, runningPid, signalProcess } from "../../../../lib/system/processes";
import { serviceIdentity } from "../../../../lib/system/identity";
import { serviceFolder, type ServiceFolder } from "../../../support/servers/service-folder";

let folder: ServiceFolder;
let child: ChildProcess;
let pid: number;

beforeAll(async () => {
  folder = await serviceFolder();
});
beforeEach(async () => {
  const script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
  const [program = "", ...args]: readonly string[] = [
    ...serviceIdentity().prefix,
    "env",
    "MARK=a=b",
    "/bin/sh",
    "-c",
    script,
  ];
  child = spawn(program, [...args, "howdah-test-child"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  pid = child.pid!;
  await new Promise((resolve) => child.stdout?.once("data", resolve));
});
afterEach(() => child.kill("SIGKILL"));
afterAll(() => folder.remove());

test("a process is listed with its command and its environment", async () => {
  const found = (await processes()).find((one) => one.pid === pid);
  expect(found?.environment.get("MARK")).toBe("a=b");
  expect(found?.command.at(-1)).toBe("howdah-test-child");
});

describe("a pid file", () => {
  const write = async (text: string): Promise<string> => {
    const path = join(folder.path, "server.pid");
    await writeFile(path, text);
    return path;
  };

  test("names the process that runs, in its first line", async () => {
    expect(await runningPid(await write(`${pid}\n/data\n123\n`), "howdah-test-child")).toBe(pid);
  });

  test("that names another's process by now names none", async () => {
    expect(await runningPid(await write(`${pid}\n`), "postgres")).toBeUndefined();
  });

  test.each(["", "x", "0", "1", "-5", "999999999"])("with %j in it names none", async (text) => {
    expect(await runningPid(await write(text), "")).toBeUndefined();
  });

  test("that is not there names none", async () => {
    expect(await runningPid(join(folder.path, "none.pid"), "")).toBeUndefined();
  });
});

test("a process that ignores the signal is killed after the grace", async () => {
  const ended = once(child, "exit");
  await endProcess(pid, "SIGTERM", 100);
  expect(await alive(pid)).toBe(false);
  expect((await ended).at(1)).toBe("SIGKILL");
});

test("a process that is gone already is no error", async () => {
  child.kill("SIGKILL");
  await endProcess(pid, "SIGTERM", 1000);
  await expect(signalProcess(pid, "SIGTERM")).resolves.toBeUndefined();
});
