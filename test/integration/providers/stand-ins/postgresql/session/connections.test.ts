import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connections, type Task } from "../../../../../../providers/stand-ins/postgresql/session/connections";
import { readSettings } from "../../../../../../providers/stand-ins/postgresql/session/settings";
import { startPostgres, type ThrowawayPostgres } from "../../../../../support/servers/postgres/throwaway-postgres";
import { listener } from "../../../../../support/plugins/postgresql-stage";

let postgres: ThrowawayPostgres;
let folder: string;
const opened: Connections[] = [];

/** Connections to the throwaway server, closed at the end. */
function connect(config: Record<string, unknown> = {}): Connections {
  const { host, port, superuser } = postgres;
  const settings = readSettings({ host, port, username: superuser, sslmode: "disable", connectTimeout: 5, ...config });
  const connections = new Connections(settings);
  opened.push(connections);
  return connections;
}

const openssl = (...options: string[]) => execFileSync("openssl", options, { cwd: folder, stdio: "pipe" });

/** Two authorities, and the server's certificate signed by the first, for the name `db.test` only. */
function makeCertificates(): void {
  for (const authority of ["right", "wrong"]) {
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
      "-subj", `/CN=${authority}`, "-keyout", `${authority}.key`, "-out", `${authority}.pem`); // prettier-ignore
  }
  openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server",
    "-keyout", "server.key", "-out", "server.csr"); // prettier-ignore
  for (const [name, san] of [
    ["named", "DNS:db.test"],
    ["addressed", "IP:127.0.0.1"],
  ] as const) {
    writeFileSync(join(folder, "san"), `subjectAltName=${san}`);
    openssl("x509", "-req", "-in", "server.csr", "-CA", "right.pem", "-CAkey", "right.key", "-CAcreateserial",
      "-days", "2", "-extfile", "san", "-out", `${name}.pem`); // prettier-ignore
  }
}

/** Gives the running server a certificate; it reads it on reload. */
async function present(certificate: string): Promise<void> {
  const place = (file: string, name: string) =>
    execFileSync("install", [
      "-o",
      process.getuid?.() === 0 ? "postgres" : String(process.getuid?.()),
      "-m",
      "600",
      join(folder, file),
      join(postgres.dataDirectory, name),
    ]);
  place(`${certificate}.pem`, "server.crt");
  place("server.key", "server.key");
  await postgres.sql("postgres", "ALTER SYSTEM SET ssl = on");
  await postgres.reload();
}

/** Somebody who cancels when he hears of so many new tries. */
function cancellingAt(tries: number): ReturnType<typeof listener> {
  const cancel = new AbortController();
  const { context, said } = listener(cancel.signal);
  const progress = (message: string): void => {
    if (said.progress.push(message) === tries) cancel.abort();
  };
  return { context: { ...context, progress }, said };
}

const ask = (connections: Connections, { context }: Pick<Task, "context"> = listener()) =>
  connections.transaction({ context, doing: "ask" }, (session) =>
    session.row("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "howdah-tls-"));
  makeCertificates();
  postgres = await startPostgres();
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("TLS", () => {
  const root = (authority: string) => join(folder, `${authority}.pem`);

  test("verify-full takes a certificate for the address that is connected to", async () => {
    await present("addressed");
    expect(await ask(connect({ sslmode: "verify-full", sslrootcert: root("right") }))).toEqual({ ssl: true });
  });

  test("verify-full refuses another authority's certificate, at once", async () => {
    const heard = listener();
    const asked = ask(connect({ sslmode: "verify-full", sslrootcert: root("wrong") }), heard);
    await expect(asked).rejects.toThrow(/signature|certificate/);
    expect(heard.said.progress).toEqual([]);
  });

  test("verify-full refuses a certificate for another name; verify-ca and require take it", async () => {
    await present("named");
    await expect(ask(connect({ sslmode: "verify-full", sslrootcert: root("right") }))).rejects.toThrow(/127\.0\.0\.1/);
    expect(await ask(connect({ sslmode: "verify-ca", sslrootcert: root("right") }))).toEqual({ ssl: true });
    expect(await ask(connect({ sslmode: "require" }))).toEqual({ ssl: true });
  });

  test("verify-ca and require with a root certificate refuse another authority's", async () => {
    for (const sslmode of ["verify-ca", "require"]) {
      await expect(ask(connect({ sslmode, sslrootcert: root("wrong") }))).rejects.toThrow(/signature|certificate/);
    }
  });

  test("a root certificate that is not there is named, and not waited for", async () => {
    await expect(ask(connect({ sslmode: "verify-full", sslrootcert: "/nowhere/ca.pem" }))).rejects.toThrow(
      /sslrootcert: .*nowhere/,
    );
  });
});

describe("a server that goes away", () => {
  test("work whose session is ended is done again on a new connection", async () => {
    const connections = connect();
    const { context, said } = listener();
    let tries = 0;
    const result = await connections.transaction({ context, doing: "count" }, async (session) => {
      tries++;
      if (tries === 1) await session.run("SELECT pg_terminate_backend(pg_backend_pid())");
      return session.row("SELECT 1 AS one");
    });
    expect([tries, result]).toEqual([2, { one: 1 }]);
    expect(said.progress).toEqual(["count: trying again after 57P01"]);
  });

  test("a server that takes no writes yet is tried again", async () => {
    let tries = 0;
    await connect().transaction({ ...listener(), doing: "write" }, async (session) => {
      tries++;
      if (tries < 3) await session.run("SET TRANSACTION READ ONLY; CREATE TABLE public.never ()");
    });
    expect(tries).toBe(3);
  });

  test("an update that met another session's is done again", async () => {
    let tries = 0;
    await connect().transaction({ ...listener(), doing: "meet" }, async (session) => {
      tries++;
      if (tries < 3)
        await session.run("DO $$ BEGIN RAISE 'tuple concurrently updated' USING ERRCODE = 'XX000'; END $$");
    });
    expect(tries).toBe(3);
  });

  test("any other error is not repeated, and rolls back", async () => {
    let tries = 0;
    const attempt = connect().transaction({ ...listener(), doing: "break" }, async (session) => {
      tries++;
      await session.run("CREATE TABLE public.half (); SELECT 1 / 0");
    });
    await expect(attempt).rejects.toThrow("break: division by zero (SQLSTATE 22012)");
    expect(tries).toBe(1);
    expect(await postgres.sql("postgres", "SELECT to_regclass('public.half') AS half")).toEqual([{ half: null }]);
  });

  test("a refused connection is given up after connectTimeout seconds", async () => {
    await expect(ask(connect({ port: 1, connectTimeout: 1 }))).rejects.toThrow(/ask: .*ECONNREFUSED/);
  });

  test("a cancelled run waits no longer", async () => {
    const { context, said } = cancellingAt(1);
    await expect(ask(connect({ port: 1, connectTimeout: 60 }), { context })).rejects.toThrow(/ask: .*abort/);
    expect(said.progress).toEqual(["ask: trying again after ECONNREFUSED"]);
  });

  test("a server that hangs up on every connection is tried again and again", async () => {
    const late: Server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => late.listen(0, "127.0.0.1", resolve));
    const address = late.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { context, said } = cancellingAt(2);
    await expect(ask(connect({ port, connectTimeout: 60 }), { context })).rejects.toThrow(/ask: .*abort/);
    expect(said.progress).toHaveLength(2);
    late.close();
  });
});
