import { isLockHeld } from "../../../../cli/pgbackrest/command";
import { onceFree } from "../../../../cli/pgbackrest/lock";
import { ProgramError } from "../../../../lib/process/task";
import { quiet } from "../../../support/servers/backups/local-job";

jest.mock("node:timers/promises", () => ({ setTimeout: () => Promise.resolve() }));

const held = new ProgramError("/usr/bin/pgbackrest", 50, "unable to acquire lock");
const broken = new ProgramError("/usr/bin/pgbackrest", 82, "WAL segment was not archived");

test("only pgBackRest's own code says that another command runs", () => {
  expect([held, broken, new Error("50"), undefined].map(isLockHeld)).toEqual([true, false, false, false]);
});

test("a command waits for another one that runs, and says so", async () => {
  const said: string[] = [];
  const work = jest.fn<Promise<string>, []>().mockRejectedValueOnce(held).mockRejectedValueOnce(held);
  const progress = (text: string): void => void said.push(text);
  expect(await onceFree(work.mockResolvedValue("done"), { ...quiet, progress })).toBe("done");
  expect(said).toEqual(Array(2).fill("waiting for another backup to end"));
});

test("for nothing else it waits", async () => {
  const work = jest.fn<Promise<string>, []>().mockRejectedValue(broken);
  await expect(onceFree(work, quiet)).rejects.toBe(broken);
  expect(work).toHaveBeenCalledTimes(1);
});
