import { waitFor } from "../../../lib/wait";

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
