import { doubling, Late, repeat, retry, until, waitFor, within } from "../../../lib/retry";

const signal = new AbortController().signal;

test("the first value that is there ends the wait, and looks stop", async () => {
  let looks = 0;
  const look = () => Promise.resolve(++looks < 3 ? undefined : looks);
  expect(await waitFor(look, { timeout: 5000, interval: 1, signal })).toBe(3);
  expect(looks).toBe(3);
});

test("a value that is false or empty is one", async () => {
  expect(await waitFor(() => Promise.resolve(false), { timeout: 0, signal })).toBe(false);
  expect(await waitFor(() => Promise.resolve(""), { timeout: 0, signal })).toBe("");
});

test("when the time is over there was one look at least, and the answer is undefined", async () => {
  let looks = 0;
  const look = (): Promise<number | undefined> => {
    looks++;
    return Promise.resolve(undefined);
  };
  expect(await waitFor(look, { timeout: 0, signal })).toBeUndefined();
  expect(looks).toBe(1);
});

test("a look that throws ends the wait", async () => {
  await expect(waitFor(() => Promise.reject(new Error("broken")), { timeout: 5000, signal })).rejects.toThrow("broken");
});

test("a cancelled wait ends at once, in the middle of its sleep too", async () => {
  const abort = new AbortController();
  const begun = Date.now();
  const wait = waitFor(() => Promise.resolve(undefined), { timeout: 60_000, interval: 60_000, signal: abort.signal });
  setTimeout(() => {
    abort.abort(new Error("cancelled"));
  }, 20);
  await expect(wait).rejects.toThrow(/abort/);
  expect(Date.now() - begun).toBeLessThan(10_000);
  await expect(waitFor(() => Promise.resolve(1), { timeout: 0, signal: abort.signal })).rejects.toThrow("cancelled");
});

test("pauses may grow, up to a limit", () => {
  expect([1, 2, 3, 4, 5].map(doubling(10, 100))).toEqual([10, 20, 40, 80, 100]);
});

test("what does not hold in time is an error with the complaint", async () => {
  let probes = 0;
  await until(() => Promise.resolve(++probes === 3), { timeout: 5000, interval: () => 1, complaint: "too late" });
  expect(probes).toBe(3);
  const never = until(() => Promise.resolve(false), { timeout: 0, complaint: "too late" });
  await expect(never).rejects.toThrow("too late");
});

describe("a retry", () => {
  const failing = (times: number) => {
    const body = jest.fn<Promise<string>, []>();
    for (let time = 1; time <= times; time++) body.mockRejectedValueOnce(new Error(`failure ${time}`));
    return body.mockResolvedValue("done");
  };

  test("goes on until it succeeds, and tells of each failure", async () => {
    const body = failing(2);
    const seen: unknown[] = [];
    const onRetry = (error: unknown, tries: number) => seen.push([(error as Error).message, tries]);
    await expect(retry({ onRetry }, body)).resolves.toBe("done");
    expect(seen).toEqual([["failure 1", 1], ["failure 2", 2]]); // prettier-ignore
  });

  test.each([
    ["of the last try", { tries: 2 }, 2],
    ["that does not pass", { isPassing: () => false }, 1],
    ["after the time limit", { timeout: -1 }, 1],
    ["once the user has cancelled", { signal: AbortSignal.abort() }, 1],
  ] as const)("ends with the error %s", async (_when, policy, tries) => {
    const body = failing(3);
    await expect(retry(policy, body)).rejects.toThrow(`failure ${tries}`);
    expect(body).toHaveBeenCalledTimes(tries);
  });
});

test("a first probe may wait", async () => {
  let probes = 0;
  const probe = () => Promise.resolve(++probes);
  const abort = new AbortController();
  const wait = waitFor(probe, { timeout: 5000, delay: 60_000, signal: abort.signal });
  abort.abort();
  await expect(wait).rejects.toThrow(/abort/);
  expect(probes).toBe(0);
  expect(await waitFor(probe, { timeout: 0, delay: 1, signal })).toBe(1);
});

test("rounds go on until the signal, which ends a pause at once and lets a round end", async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  const round = async (): Promise<number> => {
    seen.push("begun");
    if (seen.length > 2) abort.abort();
    await Promise.resolve();
    seen.push("ended");
    return seen.length > 2 ? 60_000 : 1;
  };
  await repeat(round, abort.signal);
  expect(seen).toEqual(["begun", "ended", "begun", "ended"]);
  await repeat(round, abort.signal);
  expect(seen).toHaveLength(4);
});

test("a round that fails ends the rounds", async () => {
  await expect(repeat(() => Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
});

test("work without an end is given up, and its answer or its error in time is kept", async () => {
  const late = within(50, new Promise(() => undefined));
  await expect(late).rejects.toThrow("no answer in 0.05 s");
  await expect(late).rejects.toBeInstanceOf(Late);
  await expect(within(5000, Promise.resolve(7))).resolves.toBe(7);
  await expect(within(5000, Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});
