import { setTimeout as sleep } from "node:timers/promises";
import { needRoom, whileRoom } from "../../../../../cli/restore/files/room";
import { waitFor } from "../../../../../lib/retry";
import { quiet } from "../../../../support/servers/backups/local-job";

const endless = (signal: AbortSignal): Promise<void> => sleep(60_000, undefined, { signal });
const plenty = () => Promise.resolve(1024 ** 4);

test("a restore that fills the disk is ended before it is full, with the reason", async () => {
  const free = () => Promise.resolve(1024 ** 2);
  const ended = whileRoom("/data", { context: quiet, free }, ({ signal }) => endless(signal));
  await expect(ended).rejects.toThrow("the disk of /data has only 1.0 MB left: the restore was stopped and undone");
});

test("it is ended in time on a disk that fills by a gigabyte a second", async () => {
  jest.useFakeTimers();
  try {
    const began = Date.now();
    const free = () => Promise.resolve((1 - (Date.now() - began) / 1000) * 1024 ** 3);
    const ended = whileRoom("/data", { context: quiet, free }, ({ signal }) => {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reject(new Error("ended"));
        });
      });
    });
    const outcome = expect(ended).rejects.toThrow("the disk of /data has only 205 MB left");
    await jest.advanceTimersByTimeAsync(1500);
    await outcome;
  } finally {
    jest.useRealTimers();
  }
});

test("one that has room gives its result, and its own error", async () => {
  await expect(whileRoom("/data", { context: quiet, free: plenty }, () => Promise.resolve(7))).resolves.toBe(7);
  const broken = () => Promise.reject(new Error("broken"));
  await expect(whileRoom("/data", { context: quiet, free: plenty }, broken)).rejects.toThrow("broken");
});

test("a disk that cannot be asked ends nothing", async () => {
  const free = jest.fn(() => Promise.reject(new Error("no such folder")));
  const asked = () => Promise.resolve(free.mock.calls.length > 0 ? 7 : undefined);
  const work = () => waitFor(asked, { timeout: 30_000, interval: 50 });
  await expect(whileRoom("/data", { context: quiet, free }, work)).resolves.toBe(7);
  expect(free).toHaveBeenCalled();
});

test("an interruption is reported as such", async () => {
  const abort = new AbortController();
  const context = { ...quiet, signal: abort.signal };
  const ended = whileRoom("/data", { context, free: plenty }, ({ signal }) => endless(signal));
  abort.abort(new Error("Ctrl-C"));
  await expect(ended).rejects.toThrow("Ctrl-C");
});

test("a size that no disk has is refused at once", async () => {
  await expect(needRoom("/tmp", 1e18)).rejects.toThrow("but the restore needs");
});
