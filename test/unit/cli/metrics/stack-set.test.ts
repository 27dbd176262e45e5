import { shared } from "../../../../cli/metrics/stack-set";

test("those that ask at about the same time get one reading, and the next round another", async () => {
  let [now, readings] = [0, 0];
  const read = shared(
    () => Promise.resolve(++readings),
    30,
    () => now,
  );
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  now = 29;
  expect(await read()).toBe(1);
  now = 60;
  expect(await Promise.all([read(), read()])).toEqual([2, 2]);
});

test("one that fails fails for all who asked, and is tried again in the next round", async () => {
  let [now, isGone] = [0, true];
  const read = shared(
    () => (isGone ? Promise.reject(new Error("gone")) : Promise.resolve("here")),
    30,
    () => now,
  );
  const asked = await Promise.allSettled([read(), read()]);
  expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isGone = false;
  now = 30;
  expect(await read()).toBe("here");
});
