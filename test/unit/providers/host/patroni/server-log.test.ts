import { startProblem } from "../../../../../providers/host/patroni/server-log";

const at = (time: string, text: string, session = ""): string =>
  `2026-11-29 ${time}.123 UTC [7]: [1-1] db=${session},user=${session},app=,client= ${text}`;

const log = [
  "2026-11-29 10:00:00,001 INFO: no action. I am (node2), a secondary, and following a leader (node1)",
  at("10:00:01", "FATAL:  could not map anonymous shared memory: Cannot allocate memory"),
  at("10:00:01", "HINT:  This error usually means that there is too little memory."),
  at("10:00:02", 'FATAL:  password authentication failed for user "app"', "app"),
  "2026-11-29 10:00:02,123 ERROR: postmaster is not running",
];

test("the last FATAL line of the server itself counts, with its hint", () => {
  expect(startProblem(log.join("\n"))).toBe(
    "FATAL:  could not map anonymous shared memory: Cannot allocate memory\nHINT:  This error usually means that there is too little memory.",
  );
});

test("control: a log with sessions' errors only says nothing of the server", () => {
  expect(startProblem([log[0], log[3], log[4]].join("\n"))).toBeUndefined();
});

test("what was written before does not count", () => {
  expect(startProblem(log.join("\n"), Date.parse("2026-11-29T10:00:01Z"))).toContain("shared memory");
  expect(startProblem(log.join("\n"), Date.parse("2026-11-29T10:00:05Z"))).toBeUndefined();
});

test("of a file with errors, the parameters are named", () => {
  const named = 'LOG:  invalid value for parameter "work_mem": "loud"';
  const lines = [at("10:00:01", named), at("10:00:01", 'FATAL:  configuration file "/data/x.conf" contains errors')];
  expect(startProblem(lines.join("\n"))).toBe(named);
});

test("a complaint before the log begins is found", () => {
  const text = "postgres: superuser_reserved_connections (3) must be less than max_connections (3)";
  expect(startProblem(`something\n${text}\n`)).toBe(text);
});
