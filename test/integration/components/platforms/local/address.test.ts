import { execFile } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { promisify } from "node:util";
import { Client } from "pg";
import { renderFor, startPooler, type ThrowawayPooler } from "../../../../support/servers/routing/throwaway-pooler";
import type { ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";
import { apply } from "../../../../../components/pgbouncer/auth-query/superuser";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { connectionUrl } from "../../../../../stacks/outputs";

const run = promisify(execFile);

const password = "word";
const verifier = scramVerifier(password, Buffer.from("0123456789abcdef").toString("base64"));

let folder: TlsFolder;
let server: ThrowawayPostgres;
let pooler: ThrowawayPooler;
/** Another user's, who takes connections at the pooler's port of `::1`. */
let squatter: Server | undefined;
/** Its connections, which it never ends by itself. */
const caught = new Set<Socket>();

beforeAll(async () => {
  folder = await tlsFolder();
  server = await startTlsPostgres(folder);
  const roles = ["howdah_pooler", "web"].map((name) => `CREATE ROLE ${name} LOGIN PASSWORD '${verifier}'`);
  await server.sql("postgres", roles.join("; "));
  await server.sql("postgres", "CREATE DATABASE shop");
  await server.sql("shop", apply);
  const pool = {
    alias: "shop",
    database: "shop",
    route: "readWrite",
    mode: "transaction",
    size: 2,
    overflow: 0,
    limit: 5,
  } as const;
  pooler = await startPooler(folder, { name: "pooler", password, render: renderFor([pool], server.port) });
  const listener = createServer((socket) => {
    // "No TLS here", to the first message of a client.
    caught.add(socket.on("error", () => undefined).once("data", () => socket.write("N")));
  });
  await new Promise<void>((done, failed) => listener.once("error", failed).listen(pooler.port, "::1", done));
  squatter = listener;
}, 120_000);

afterAll(async () => {
  squatter?.close();
  for (const socket of caught) socket.destroy();
  await pooler.stop("SIGQUIT");
  await server.stop();
  await folder.remove();
});

const urlAt = (host: string, port: number): string =>
  connectionUrl({ host, port }, { name: "web", password, database: "shop", ca: folder.caFile });

/** What psql says through a URL of the stack's outputs. @param before words in front of the command */
const throughLibpq = async (url: string, before: readonly string[] = []): Promise<string> => {
  const [program = "", ...rest]: readonly string[] = [
    ...before,
    "psql",
    "-X",
    "-A",
    "-t",
    "-c",
    "SELECT current_user",
    url,
  ];
  return run(program, rest, { env: { PATH: process.env["PATH"], PGCONNECT_TIMEOUT: "3" } }).then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) => `refused: ${(error as { stderr?: string }).stderr ?? ""}`,
  );
};

async function throughNode(url: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<{ current_user: string }>("SELECT current_user")).rows[0]?.current_user;
  } catch (error) {
    return `refused: ${String(error)}`;
  } finally {
    void client.end();
  }
}

test("libpq and node-postgres verify an address, and PgBouncer does so towards the server", async () => {
  for (const port of [pooler.port, server.port]) {
    expect(await throughLibpq(urlAt("127.0.0.1", port))).toBe("web");
    expect(await throughNode(urlAt("127.0.0.1", port))).toBe("web");
  }
});

test("control: a certificate for another address and name is refused by both", async () => {
  const { certificate, key } = await folder.certificate("other", ["db.example.org"], ["192.0.2.1"]);
  const other = await startTlsPostgres({ ...folder, certificate: () => Promise.resolve({ certificate, key }) });
  try {
    expect(await throughLibpq(urlAt("127.0.0.1", other.port))).toMatch(/refused: .*does not match host name/);
    expect(await throughNode(urlAt("127.0.0.1", other.port))).toMatch(/refused: .*does not match/);
  } finally {
    await other.stop();
  }
});

/** Words that run a command if `localhost` is `::1` first, as on Debian 13. */
async function withTrixieHosts(): Promise<string[]> {
  const hosts = await folder.write("hosts", "::1 localhost\n127.0.0.1 localhost\n");
  return ["unshare", "--mount", "sh", "-c", `mount --bind ${hosts} /etc/hosts && exec "$@"`, "sh"];
}

// Only root may mount.
(process.getuid?.() === 0 ? describe : describe.skip)(
  "where localhost is ::1 first, and another user listens there",
  () => {
    test("clients of the stack reach it", async () => {
      expect(await throughLibpq(urlAt("127.0.0.1", pooler.port), await withTrixieHosts())).toBe("web");
    });

    test("control: by that name they would not", async () => {
      expect(await throughLibpq(urlAt("localhost", pooler.port), await withTrixieHosts())).toMatch(
        /refused: .*does not support SSL/,
      );
    });
  },
);
