import { get } from "node:https";
import { serveCollector } from "../../../../cli/metrics/collector";
import { localCollection } from "../../../../cli/metrics/local";
import { monitoringUser } from "../../../../contracts/monitoring";
import { localStackFileSchema } from "../../../../contracts/stack-file";
import { tierNames } from "../../../../contracts/tiers";
import { waitFor } from "../../../../lib/retry";
import { textOf } from "../../../../lib/system/network";
import { readText } from "../../../../lib/system/files";
import { freePorts } from "../../../support/servers/ports";
import type { ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../support/servers/postgres/tls-postgres";

let folder: TlsFolder;
let postgres: ThrowawayPostgres;
let port = 0;
let ca = "";
let scraperFiles: { certificate: string; key: string };
const end = new AbortController();
let running: Promise<void> = Promise.resolve();

interface Page {
  readonly status: number;
  readonly text: string;
}

const page = (options: object = {}): Promise<Page> =>
  new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/metrics", ca, agent: false, ...options }, (response) => {
      textOf(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, text });
      }, reject);
    }).on("error", reject);
  });

beforeAll(async () => {
  folder = await tlsFolder();
  postgres = await startTlsPostgres(folder);
  await postgres.sql(
    "postgres",
    "CREATE ROLE howdah_monitoring LOGIN PASSWORD 'of-the-login' CONNECTION LIMIT 3 IN ROLE pg_monitor",
  );
  await postgres.sql("postgres", "CREATE DATABASE shop");
  const [listen = 0] = await freePorts(1);
  port = listen;
  ca = await readText(folder.caFile);
  const own = await folder.certificate("collector");
  scraperFiles = await folder.certificate("scraper");
  const nowhere = folder.path;
  const tier = { schedule: null, keptSeconds: 1 };
  const job = localStackFileSchema.parse({
    stack: "test",
    program: ["howdah"],
    postgresBin: nowhere,
    socketDirectory: nowhere,
    servers: ["node1", "node2"].map((name, at) => ({
      name,
      // The second one is not there.
      port: at === 0 ? postgres.port : 1,
      dataDirectory: nowhere,
      backrestFile: nowhere,
      patroniFile: nowhere,
      service: `patroni-${name}`,
      restPort: 1,
    })),
    etcd: [],
    poolerPort: 1,
    services: ["pgbouncer"],
    supervisor: nowhere,
    patronictl: nowhere,
    tls: { ca: folder.caFile, certificate: own.certificate, key: own.key },
    databases: ["shop"],
    repository: { configFile: nowhere, stanza: "main", path: nowhere, processes: 1 },
    tiers: Object.fromEntries(tierNames.map((name) => [name, tier])),
    logical: { destination: { folder: nowhere } },
    objectives: { rtoSeconds: 30, archiveSeconds: 60, drillSeconds: 691_200, pointInTimeSeconds: 604_800 },
    monitoring: {
      listen: `127.0.0.1:${port}`,
      ...own,
      authority: folder.caFile,
      passwordFile: await folder.write("scraper-password", "of-the-scraper\n"),
      loginPasswordFile: await folder.write("login-password", "of-the-login\n"),
      rpoSeconds: 0,
      scheduleFile: folder.path,
      prometheusPort: 1,
      alertmanagerPort: 1,
    },
    folders: { work: nowhere, history: nowhere, metrics: nowhere },
  });
  const context = { progress: () => undefined, note: () => undefined, signal: end.signal };
  running = serveCollector(localCollection(job), context);
});

afterAll(async () => {
  end.abort();
  await running;
  await postgres.stop();
  await folder.remove();
});

test("the figures are for scrapers with the password, or with a certificate of the authority", async () => {
  const withPassword = { auth: `${monitoringUser}:of-the-scraper` };
  const isComplete = async (): Promise<Page | undefined> => {
    const found = await page(withPassword).catch(() => undefined);
    const last = ["sequences", "roles"].map((set) => `howdah_collector_up{set="${set}",server="node1"} 1`);
    return last.every((line) => found?.text.includes(line) === true) ? found : undefined;
  };
  const complete = await waitFor(isComplete, { timeout: 30_000 });
  expect(complete?.status).toBe(200);
  const lines = complete?.text.split("\n") ?? [];
  expect(lines).toEqual(
    expect.arrayContaining([
      'pg_up{server="node1"} 1',
      'pg_up{server="node2"} 0',
      'howdah_plain_sessions{server="node1"} 0',
      'howdah_collector_up{set="availability",server="node1"} 1',
      'howdah_collector_up{set="availability",server="node2"} 0',
      'howdah_collector_up{set="pooler"} 0',
      "pgbouncer_up 0",
      "howdah_objective_rto_seconds 30",
    ]),
  );
  const sessions = lines.find((line) => /^howdah_role_connections\{.*monitoring/.test(line));
  expect(sessions).toMatch(/^howdah_role_connections\{server="node1",rolname="howdah_monitoring"\} [12]$/);
  expect(lines.some((line) => line.startsWith('howdah_certificate_not_after_timestamp_seconds{name="ca.crt"}'))).toBe(true); // prettier-ignore
  const [cert, key] = await Promise.all([readText(scraperFiles.certificate), readText(scraperFiles.key)]);
  expect((await page({ cert, key })).status).toBe(200);
  expect(await page()).toEqual({ status: 401, text: "" });
  expect(await page({ auth: `${monitoringUser}:another` })).toEqual({ status: 401, text: "" });
  await expect(page({ ca: await readText(folder.otherCaFile) })).rejects.toThrow();
});
