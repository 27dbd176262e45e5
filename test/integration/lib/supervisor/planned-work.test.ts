import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPlanned, plannedWork, whilePlanned } from "../../../../lib/supervisor/planned-work";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "howdah-planned-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const minute = 60_000;
const seen = (later = 0) => Promise.all(plannedWork.map((work) => isPlanned({ directory }, work, Date.now() + later)));

test("work is announced while it takes place, and alone", async () => {
  expect(await seen()).toEqual([false, false]);
  await whilePlanned({ directory }, "update", async () => {
    expect(await seen()).toEqual([true, false]);
  });
});

test("it is still seen after its end, even if it was over at once; and no more after a minute", async () => {
  await whilePlanned({ directory }, "restore", () => Promise.resolve());
  expect(await seen()).toEqual([false, true]);
  expect(await seen(minute)).toEqual([false, false]);
});

test("work that is longer than an announcement stays announced", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick"] });
  try {
    let finish: () => void = () => undefined;
    const work = whilePlanned({ directory }, "update", () => new Promise<void>((resolve) => (finish = resolve)));
    for (let at = 0; at < 20; at++) {
      jest.advanceTimersByTime(minute / 4);
      // The file is written without timers.
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (let tries = 0; tries < 200 && !(await isPlanned({ directory }, "update")); tries++)
        await new Promise<void>((resolve) => setImmediate(resolve));
      expect(await seen()).toEqual([true, false]);
    }
    finish();
    await work;
  } finally {
    jest.useRealTimers();
  }
});

test("work that fails has been announced, and its error is the one that is seen", async () => {
  const failed = whilePlanned({ directory }, "update", () => Promise.reject(new Error("of the work")));
  await expect(failed).rejects.toThrow("of the work");
  expect(await seen()).toEqual([true, false]);
});

test("where nothing can be announced, the work is done all the same", async () => {
  expect(await whilePlanned({ directory: join(directory, "none") }, "update", () => Promise.resolve(7))).toBe(7);
});

test.each(["", "tomorrow", new Date(Date.now() + 10 * minute).toISOString()])(
  "%p silences nothing: what is damaged, and what would last longer than an announcement",
  async (text) => {
    writeFileSync(join(directory, "planned.update"), text);
    expect(await seen()).toEqual([false, false]);
  },
);
