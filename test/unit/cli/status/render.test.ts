import { serviceFile } from "../../../../cli/status/service-file";
import { backupLine } from "../../../../cli/stack/status";
import { endpointOf, endpointTable } from "../../../../cli/status/table";

const url = (database: string): string =>
  `postgresql://app:p%40ss@127.0.0.1:6432/${database}?sslmode=verify-full&sslrootcert=%2Fca.pem`;
const pooled = { readWrite: url("app"), readOnly: url("app_ro") };
const connections = { app: pooled };

describe("what the status prints", () => {
  test("writes a libpq service for each route of each application", () => {
    expect(serviceFile(connections)).toBe(
      ["[app]", "host=127.0.0.1", "port=6432", "dbname=app", "user=app", "password=p@ss"].join("\n") +
        "\nsslmode=verify-full\nsslrootcert=/ca.pem\n\n" +
        ["[app-read-only]", "host=127.0.0.1", "port=6432", "dbname=app_ro", "user=app", "password=p@ss"].join("\n") +
        "\nsslmode=verify-full\nsslrootcert=/ca.pem\n",
    );
  });

  test("writes a service for the direct URL, if the stack has one", () => {
    const direct = serviceFile({ app: { ...pooled, direct: url("app").replace("6432", "6433") } }).split("\n\n")[2];
    expect(direct).toMatch(/^\[app-direct\]\nhost=127\.0\.0\.1\nport=6433\ndbname=app\n.*sslmode=verify-full/s);
  });

  test("shows no password and no user in an endpoint", () => {
    expect(endpointOf(url("app"))).toBe("127.0.0.1:6432/app");
    const text = endpointTable({ connections, ca: "/ca.pem", pooler: { host: "127.0.0.1", port: 6432 }, nodes: [] });
    expect(text).toContain("127.0.0.1:6432/app_ro");
    expect(text).not.toMatch(/p%40ss|p@ss/);
  });

  test("writes out control characters of what the service user has recorded", () => {
    const backup = { repository: "/r", stanza: "main", lastVerifiedAt: "\u001b]0;owned\u0007" };
    expect(backupLine(backup)).toBe("backups: /r, stanza main, restored by a drill at \\x1b]0;owned\\x07");
  });
});
