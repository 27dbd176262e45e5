import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { locations } from "../../../../lib/paths";
import { poolerPath } from "../../../../setup/pgbouncer";
import { type Route, routeSchema } from "../../../../contracts/read-routes";
import { JobCommand } from "../../../support/servers/backups/job-command";
import { freePorts } from "../../../support/servers/ports";
import { type Replica, startReplica } from "../../../support/servers/postgres/replica";
import { asServer } from "../../../support/servers/routing/throwaway-pooler";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { tlsFolder, type TlsFolder } from "../../../support/servers/postgres/tls-postgres";

jest.setTimeout(90_000);

const [primaryHost, replicaHost] = ["127.0.0.1", "127.0.0.2"];
let folder: TlsFolder;
let primary: ThrowawayPostgres;
let replica: Replica;
let howdah: JobCommand;
let route: Route;
let ini: string;
const children: ChildProcess[] = [];

async function iniText(port: number, clients: number): Promise<string> {
  const { certificate, key } = await folder.certificate("pooler");
  return [
    "[databases]",
    `app = host=${primaryHost} port=${primary.port} dbname=app user=reader password=reader`,
    `%include ${route.include}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    `unix_socket_dir = ${folder.path}`,
    "auth_type = any",
    "pool_mode = transaction",
    "server_connect_timeout = 3",
    "server_login_retry = 0.2",
    `max_client_conn = ${clients}`,
    "client_tls_sslmode = allow",
    `client_tls_cert_file = ${certificate}`,
    `client_tls_key_file = ${key}`,
    "server_tls_sslmode = verify-full",
    `server_tls_ca_file = ${folder.caFile}`,
    "",
  ].join("\n");
}

beforeAll(async () => {
  folder = await tlsFolder();
  const { certificate, key } = await folder.certificate("server", ["localhost"], [primaryHost, replicaHost]);
  const hba = await folder.write(
    "hba.conf",
    "local all postgres trust\nlocal replication postgres trust\nhost all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.0/8 scram-sha-256\n",
  );
  const options = ["ssl=on", `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`, `hba_file=${hba}`];
  primary = await startPostgres(options);
  await primary.sql(
    "postgres",
    "CREATE ROLE howdah_monitoring LOGIN PASSWORD 'a-secret-word' IN ROLE pg_monitor; CREATE ROLE reader LOGIN PASSWORD 'reader'",
  );
  await primary.sql("postgres", "CREATE DATABASE app");
  replica = await startReplica(primary, replicaHost, options);
  const [port = 0] = await freePorts(1);
  ini = join(folder.path, "pgbouncer.ini");
  route = routeSchema.parse({
    lines: [
      {
        alias: "app_ro",
        template: `app_ro = host={host} port=${primary.port} dbname=app user=reader password=reader`,
      },
    ],
    targets: [{ host: replicaHost, port: primary.port }],
    primary: { host: primaryHost, port: primary.port },
    maximumLagSeconds: 1,
    ca: folder.caFile,
    login: {
      user: "howdah_monitoring",
      passwordFile: await folder.write("monitoring", "a-secret-word\n"),
      database: "postgres",
    },
    include: join(folder.path, "routes.ini"),
    socketDirectory: folder.path,
    port,
    intervalSeconds: 0.2,
    watch: [ini],
  });
  await folder.write("route.json", JSON.stringify(route));
  await folder.write("pgbouncer.ini", await iniText(port, 100));
  howdah = await JobCommand.make(folder.path);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await replica.remove();
  await primary.stop();
  await folder.remove();
});

const config = () => ["--config", join(folder.path, "route.json")];
const include = (): string => readFileSync(route.include, "utf8");

/** What the last PgBouncer has logged. */
let log = "";

async function startPooler(): Promise<ChildProcess> {
  const [file, args] = asServer([poolerPath(locations()), ini]);
  const child = spawn(file, args, { cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  while (child.exitCode === null) {
    const up = await client("app").then(
      (one) => one.end().then(() => true),
      () => false,
    );
    if (up) return child;
    await sleep(10);
  }
  throw new Error("PgBouncer did not start");
}

async function client(database: string): Promise<Client> {
  const one = new Client({ host: "127.0.0.1", port: route.port, user: "anybody", database });
  one.on("error", () => undefined);
  await one.connect();
  return one;
}
/** Address of the server that a read comes to; why none, if there is none. */
async function readFrom(): Promise<string> {
  try {
    const one = await client("app_ro");
    const { rows } = await one.query<{ at: string }>("SELECT host(inet_server_addr()) AS at");
    await one.end();
    return rows[0]!.at;
  } catch (error) {
    return (error as Error).message;
  }
}
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(20);
};
const reads = (host: string): Promise<void> => until(async () => (await readFrom()) === host);

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const end = once(child, "exit");
  child.kill(signal);
  return ((await end) as [number | null])[0];
}

test("the first routes lead to the primary, without a look at any server", async () => {
  const run = await howdah.run(["route", ...config(), "--once", "--offline"]);
  expect(run.code).toBe(0);
  expect(include()).toContain(`app_ro = host=${primaryHost} port=${primary.port}`);
  const pooler = await startPooler();
  expect(await readFrom()).toBe(primaryHost);
  expect(await ended(pooler, "SIGQUIT")).not.toBeNull();
});

test("reads go to the replica; to the primary while that is down, behind or no replica; and back", async () => {
  const pooler = await startPooler();
  const router = howdah.start(["route", ...config()]);
  children.push(router);
  let said = "";
  router.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await reads(replicaHost);

  await replica.kill();
  await reads(primaryHost);
  await replica.start();
  await reads(replicaHost);

  await replica.sql("SELECT pg_wal_replay_pause()");
  await primary.sql("app", "CREATE TABLE behind (a int)");
  await reads(primaryHost);
  await replica.sql("SELECT pg_wal_replay_resume()");
  await reads(replicaHost);

  // A file that PgBouncer has to read again.
  await folder.write("pgbouncer.ini", await iniText(route.port, 77));
  const console = async (): Promise<string> => {
    const [file, args] = asServer([
      "psql",
      "-XAt",
      "-h",
      folder.path,
      "-p",
      String(route.port),
      "-U",
      "pgbouncer",
      "pgbouncer",
      "-c",
      "SHOW CONFIG",
    ]);
    const child = spawn(file, args, { cwd: "/" });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(child, "close");
    return text;
  };
  await until(async () => (await console()).includes("max_client_conn|77"));

  // Held to be unhealthy before, it would be told of no more.
  await reads(replicaHost);
  await replica.sql("SELECT pg_promote()");
  await reads(primaryHost);
  await until(() => said.includes(`${replicaHost}: it is not a replica`));
  expect(said).not.toContain("a-secret-word");
  expect(await ended(router, "SIGTERM")).toBe(0);
  await ended(pooler, "SIGQUIT");
});

test("sessions are opened again when what logins start with changes, and no client sees an error", async () => {
  await howdah.run(["route", ...config(), "--once", "--offline"]);
  const pooler = await startPooler();
  const router = howdah.start(["route", ...config()]);
  children.push(router);
  const one = await client("app");
  const limit = async () =>
    (await one.query<Record<string, string>>("SHOW statement_timeout")).rows[0]!["statement_timeout"];
  expect(await limit()).toBe("0");
  await primary.sql("postgres", "ALTER ROLE reader SET statement_timeout = '77s'");
  // The pooled session goes on as it began (control).
  await sleep(1000);
  expect(await limit()).toBe("0");
  await folder.write("route.json", JSON.stringify({ ...route, sessions: "other" }));
  await until(async () => (await limit()) === "77s");
  await one.end();
  await folder.write("route.json", JSON.stringify(route));
  await ended(router, "SIGTERM");
  await ended(pooler, "SIGQUIT");
});

test("settings that are none are refused", async () => {
  const file = join(folder.path, "wrong.json");
  writeFileSync(file, JSON.stringify({ ...route, maximumLagSeconds: undefined }), { mode: 0o644 });
  const run = await howdah.run(["route", "--config", file]);
  expect(run.code).toBe(3);
  expect((run.json as { error: string }).error).toContain("no maximum lag");
});

describe("drain-pooler", () => {
  const drain = (grace: string, onSaid?: (said: string) => void) => {
    const pooler = ["--socket-directory", folder.path, "--port", String(route.port)];
    return howdah.run(["drain-pooler", "--grace", grace, "--settle", "300 milliseconds", ...pooler], onSaid);
  };

  test("waits for the last client, and no longer than the grace", async () => {
    const pooler = await startPooler();
    const one = await client("app");
    expect((await drain("1 second")).json).toMatchObject({ outcome: "grace over", clients: 1 });
    let said = "";
    const draining = drain("60 seconds", (text) => (said = text));
    await until(() => said.includes("1 clients are left"));
    await one.end();
    expect(await draining).toMatchObject({ code: 0, json: { outcome: "empty", clients: 0 } });
    await ended(pooler, "SIGQUIT");
    expect(await drain("60 seconds")).toMatchObject({ code: 0, json: { outcome: "no pooler" } });
  });

  test.each([
    ["SIGINT, as the image asks for, lets a transaction end", "SIGINT", true],
    ["SIGQUIT does not (control)", "SIGQUIT", false],
  ] as const)("%s", async (_title, signal, commits) => {
    const pooler = await startPooler();
    const one = await client("app");
    await one.query("BEGIN; SELECT 1");
    const end = once(pooler, "exit");
    pooler.kill(signal);
    await until(() => log.includes(signal));
    const committed = await one.query("COMMIT").then(
      () => true,
      () => false,
    );
    expect(committed).toBe(commits);
    await one.end().catch(() => undefined);
    await end;
  });
});
