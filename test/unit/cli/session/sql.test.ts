import { asLogin, sessionConfig } from "../../../../cli/session/sql";

const server = { socketDirectory: "/run/test", port: 5432 };

test("a server takes a connection in five seconds or hangs, but for one that is known to yield; whoever logs in", () => {
  const slow = { ...server, connectTimeout: 60_000 };
  const given = [server, asLogin(server, "howdah_reader"), slow, asLogin(slow, "howdah_reader")].map((one) =>
    sessionConfig(one),
  );
  expect(given.map(({ connectionTimeoutMillis }) => connectionTimeoutMillis)).toEqual([5_000, 5_000, 60_000, 60_000]);
  expect(new Set(given.map(({ user }) => user))).toEqual(new Set(["postgres", "howdah_reader"]));
});
