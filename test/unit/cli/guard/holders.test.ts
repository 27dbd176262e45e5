import fc from "fast-check";
import { clientOf, isHowdahSession, largestHolders } from "../../../../cli/guard/holders";

const holders = fc.array(
  fc.record({ pid: fc.integer({ min: 2, max: 99_999 }), locks: fc.integer({ min: 1, max: 10_000 }) }),
);
const sum = (all: readonly { locks: number }[]): number => all.reduce((total, { locks }) => total + locks, 0);

test("one session that holds nearly all is ended alone", () => {
  expect(largestHolders([{ pid: 1, locks: 12 }, { pid: 2, locks: 7386 }, { pid: 3, locks: 4 }])).toEqual([{ pid: 2, locks: 7386 }]); // prettier-ignore
});

test("sessions with few locks are no cause, however many they are", () => {
  expect(largestHolders(Array.from({ length: 300 }, (_, pid) => ({ pid, locks: 20 })))).toEqual([]);
});

test("the largest go, as few as free half of the table, or all that hold many", () => {
  fc.assert(
    fc.property(holders, (all) => {
      const chosen = largestHolders(all);
      const spared = Math.min(...chosen.map(({ locks }) => locks));
      const left = [...all];
      for (const one of chosen) left.splice(left.indexOf(one), 1);
      expect(left.every(({ locks }) => locks <= spared)).toBe(true);
      const half = 2 * sum(chosen) >= sum(all);
      expect(half || left.every(({ locks }) => locks < 100)).toBe(true);
      expect(2 * sum(chosen.slice(0, -1)) < sum(all) || chosen.length === 0).toBe(true);
    }),
  );
});

test.each([
  ["postgres: ro app 127.0.0.1(50288) idle", "ro app 127.0.0.1(50288) idle"],
  [
    "postgres: local-node1: app app 127.0.0.1(53422) idle in transaction",
    "app app 127.0.0.1(53422) idle in transaction",
  ],
  ["postgres: local-node1: app app ::1(53422) SELECT", "app app ::1(53422) SELECT"],
  ["postgres: local-node1: postgres postgres [local] idle", "postgres postgres [local] idle"],
])("%s is a client's session", (title, client) => {
  expect(clientOf(title)).toBe(client);
});

test.each([
  "postgres: local-node1: checkpointer ",
  "postgres: local-node1: startup recovering 000000010000000000000007",
  "postgres: local-node1: walsender replicator 127.0.0.1(40110) streaming 0/7000148",
  "postgres: walsender replicator 127.0.0.1(40110) streaming 0/7000148",
  "postgres: local-node1: walreceiver streaming 0/7000148",
  "postgres: local-node1: autovacuum worker app",
  "postgres: local-node1: parallel worker for PID 4711 ",
  "/usr/lib/postgresql/15/bin/postgres -D /var/lib/howdah/local/nodes/node1/data",
  "",
])("%s works for no client", (title) => {
  expect(clientOf(title)).toBeUndefined();
});

test("sessions of the superuser come over the socket, and are the house's", () => {
  expect(isHowdahSession("postgres postgres [local] idle")).toBe(true);
  expect(isHowdahSession("postgres postgres 127.0.0.1(50288) idle")).toBe(false);
  expect(isHowdahSession("app app [local] idle")).toBe(false);
});
