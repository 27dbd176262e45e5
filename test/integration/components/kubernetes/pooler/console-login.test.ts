import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { promisify } from "node:util";
import { consoleConnection, consoleLogin } from "../../../../../components/kubernetes/pooler/console-login";
import { ports } from "../../../../../components/kubernetes/kit/image";
import { poolerFiles } from "../../../../../components/kubernetes/pooler/files";
import { userlistFile } from "../../../../../components/pgbouncer/files";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { onLoopback, podPathsAt } from "../../../../support/clouds/pod-files";
import { type Render, startPooler, type ThrowawayPooler } from "../../../../support/servers/routing/throwaway-pooler";
import { tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";
import { clusterSettings, planFor } from "../../../../support/clouds/fake-cloud";

const run = promisify(execFile);
/** With what a pgpass file has to escape. */
const password = "a:secret\\word";

let folder: TlsFolder;
let pooler: ThrowawayPooler;
let passfile: string;

/** The files of a pod whose clients come from elsewhere: the exporter's address is in no range of theirs. */
const render: Render = (scope) => {
  const at = podPathsAt(scope);
  const primary = { host: "localhost", port: 1 };
  const files = poolerFiles({ input: planFor(), settings: clusterSettings() }, { primary, readTargets: [] }, at);
  const verifier = scramVerifier(password, randomBytes(16).toString("base64"));
  return {
    ...files,
    ini: onLoopback(files.ini, scope),
    routes: "",
    userlist: (own) => userlistFile(own, { howdah_monitoring: verifier }),
  };
};

beforeAll(async () => {
  folder = await tlsFolder();
  pooler = await startPooler(folder, { name: "pod", render, password: "pooler-password" });
  const line = consoleLogin(password).replace(String(ports.pooler), "*").replace(":pgbouncer:", ":*:");
  passfile = await folder.write("pgpass", line);
  chmodSync(passfile, 0o600);
});

afterAll(async () => {
  await pooler.stop("SIGQUIT");
  await folder.remove();
});

/** What psql says, with a change of the exporter's connection. */
async function ask(command: string, change: (connection: string) => string = (given) => given): Promise<string> {
  const connection = change(consoleConnection.replace(String(ports.pooler), String(pooler.port)));
  const env = { ...process.env, PGPASSFILE: passfile };
  const answer = await run("psql", ["-X", "-A", "-w", connection, "-c", command], { env }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  return `${answer.stdout}${answer.stderr}`;
}

test.each(["SHOW STATS", "SHOW POOLS", "SHOW DATABASES", "SHOW LISTS", "SHOW CONFIG"])(
  "the exporter reads the console: %s",
  async (command) => {
    expect(await ask(command)).toMatch(/\(\d+ rows?\)/);
  },
);

test.each(["PAUSE", "RELOAD", "KILL app", "SHUTDOWN", "SET pool_mode = 'session'"])(
  "the exporter does not rule the console: %s",
  async (command) => {
    expect(await ask(command)).toMatch(/admin access needed/);
    expect(pooler.ended()).toBe(false);
  },
);

test("the exporter enters no database, and is no other login", async () => {
  const instead = (old: string, fresh: string) => ask("SHOW STATS", (given) => given.replace(old, fresh));
  expect(await instead("dbname=pgbouncer", "dbname=app")).toMatch(/login rejected/);
  expect(await instead("user=howdah_monitoring", "user=pgbouncer")).toMatch(/not allowed|rejected/);
  expect(await instead("sslmode=require", "sslmode=disable")).toMatch(/SSL required/);
});
