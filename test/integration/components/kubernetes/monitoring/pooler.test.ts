import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { serveCollector } from "../../../../../cli/metrics/collector";
import { poolerCollection } from "../../../../../cli/metrics/remote";
import { poolerFiles } from "../../../../../components/kubernetes/pooler/files";
import { poolerCollector } from "../../../../../components/kubernetes/pooler/metrics";
import { userlistFile } from "../../../../../components/pgbouncer/files";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { poolerCollectorSchema } from "../../../../../contracts/collector";
import { waitFor } from "../../../../../lib/retry";
import { command, type StatisticsConsole } from "../../../../../lib/servers/pgbouncer-console";
import { onLoopback, podPathsAt } from "../../../../support/clouds/pod-files";
import { clusterSettings, planFor } from "../../../../support/clouds/fake-cloud";
import { https } from "../../../../support/servers/https";
import { freePorts } from "../../../../support/servers/ports";
import { type Render, startPooler, type ThrowawayPooler } from "../../../../support/servers/routing/throwaway-pooler";
import { tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";

const password = "a:secret\\word";

let folder: TlsFolder;
let pooler: ThrowawayPooler;

/** The files of a pod whose clients come from elsewhere: the collector's address is in no range of theirs. */
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
});

afterAll(async () => {
  await pooler.stop("SIGQUIT");
  await folder.remove();
});

/** How the collector of a pod comes in. */
function consoleOf(change: Partial<StatisticsConsole> = {}): StatisticsConsole {
  const { host, user } = poolerCollector.console;
  return { host, user, port: pooler.port, password: () => Promise.resolve(password), ...change };
}

test.each(["PAUSE", "RELOAD", "KILL app", "SHUTDOWN", "SET pool_mode = 'session'"])(
  "the collector does not rule the console: %s",
  async (text) => {
    await expect(command(consoleOf(), text)).rejects.toThrow(/admin access needed/);
    expect(pooler.ended()).toBe(false);
  },
);

test("the collector is no other login, and has to know the password", async () => {
  await expect(command(consoleOf({ user: "pgbouncer" }), "SHOW STATS")).rejects.toThrow(/not allowed|rejected/);
  await expect(command(consoleOf({ password: () => Promise.resolve("other") }), "SHOW STATS")).rejects.toThrow(
    /authentication failed/,
  );
});

test("a pod's collector serves its PgBouncer's figures and the ends of its certificates, to Prometheus alone", async () => {
  const [port = 0] = await freePorts(1);
  const files = await folder.certificate("metrics");
  const scraper = await folder.certificate("scraper");
  const settings = poolerCollectorSchema.parse({
    ...poolerCollector,
    scraping: { listen: `127.0.0.1:${port}`, ...files, authority: folder.caFile },
    console: { ...poolerCollector.console, port: pooler.port, passwordFile: await folder.write("password", password) },
    certificates: { ...poolerCollector.certificates, "pooler-certificate": folder.caFile, "metrics-certificate": files.certificate }, // prettier-ignore
  });
  const end = new AbortController();
  const notes: string[] = [];
  const context = { progress: () => undefined, note: (text: string) => notes.push(text), signal: end.signal };
  const running = serveCollector(poolerCollection(settings), context);
  const ca = readFileSync(folder.caFile, "utf8");
  const shown = { cert: readFileSync(scraper.certificate, "utf8"), key: readFileSync(scraper.key, "utf8") };
  const get = (path: string, options: object = shown) => https(port, { path, ca, ...options });
  const complete = async (): Promise<string | undefined> => {
    const { body } = await get("/metrics").catch(() => ({ body: "" }));
    return ["pooler", "certificates"].every((set) => body.includes(`howdah_collector_up{set="${set}"} 1`))
      ? body
      : undefined;
  };
  const text = await waitFor(complete, { timeout: 20_000 });
  expect(notes.filter((note) => !note.startsWith("metrics on port"))).toEqual([]);
  expect(text?.split("\n")).toEqual(expect.arrayContaining(["pgbouncer_up 1"]));
  expect(text).toMatch(/^pgbouncer_databases_pool_size\{name="app",/m);
  expect(text).toMatch(/^pgbouncer_config_max_client_connections \d+$/m);
  for (const name of ["pooler-certificate", "metrics-certificate"])
    expect(text).toMatch(new RegExp(`^howdah_certificate_not_after_timestamp_seconds\\{name="${name}"\\} \\d+`, "m"));
  expect(text).not.toMatch(/^pg_/m);
  expect((await get("/metrics", {})).status).toBe(401);
  expect((await get("/healthz", {})).status).toBe(200);
  end.abort();
  await running;
});
