import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { serveCollector } from "../../../../../cli/metrics/collector";
import { Node } from "../../../../../cli/metrics/node";
import { Results } from "../../../../../cli/metrics/results";
import { sqlSets } from "../../../../../cli/metrics/sets/sql";
import { remoteCollection } from "../../../../../cli/metrics/remote";
import { ruleSettings } from "../../../../../components/kubernetes/monitoring/collector";
import { catalogue } from "../../../../../components/monitoring/catalogue";
import { ruleFile, ruleGroups } from "../../../../../components/monitoring/rules";
import { monitoringLogin, probeLogin } from "../../../../../components/postgres/access/matrix";
import { collectorMetrics, type SetName } from "../../../../../contracts/metrics/collector";
import { type RemoteStackFile, remoteStackFileSchema } from "../../../../../contracts/stack-file";
import { waitFor } from "../../../../../lib/retry";
import { clusterSettings, fakeCloud, planFor, workloadsGraph } from "../../../../support/clouds/fake-cloud";
import { objectsOf } from "../../../../support/clouds/kubernetes-objects";
import { planHere, startPodPooler } from "../../../../support/clouds/pod-pooler";
import { settingsOf } from "../../../../support/graph";
import { samplesOf } from "../../../../support/monitoring/collected";
import { runPromtool } from "../../../../support/monitoring/promtool";
import { https } from "../../../../support/servers/https";
import { accessSql } from "../../../../support/servers/postgres/access-sql";
import type { ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";
import { freePorts } from "../../../../support/servers/ports";
import type { ThrowawayPooler } from "../../../../support/servers/routing/throwaway-pooler";

jest.setTimeout(120_000);

const settings = () => ruleSettings({ input: planFor(), cloud: fakeCloud(), settings: clusterSettings() });

let folder: TlsFolder;
let postgres: ThrowawayPostgres;
let pooler: ThrowawayPooler;
let place: string;
/** A session with a transaction open. */
let application: Client;
let port = 0;

beforeAll(async () => {
  folder = await tlsFolder();
  place = mkdtempSync(join(tmpdir(), "howdah-collector-"));
  postgres = await startTlsPostgres(folder, [
    "password_encryption=scram-sha-256",
    "shared_preload_libraries=pg_stat_statements",
  ]);
  // The roles and grants of the program, without a superuser's: a cloud has none for us.
  for (const { database, sql } of accessSql(settingsOf("local").databases, { tokenGroup: "rds_iam" }))
    await postgres.sql(database, sql);
  await postgres.sql("postgres", "SELECT pg_create_physical_replication_slot('unread', true)");
  await postgres.sql(
    "app",
    `SET ROLE app_owner;
     CREATE TABLE app.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text)`,
  );
  application = new Client({ host: postgres.host, port: postgres.port, user: "postgres", database: "app" });
  await application.connect();
  await application.query("BEGIN; SELECT pg_current_xact_id()");
  pooler = await startPodPooler(folder, { name: "pod", server: postgres, input: planHere() });
  [port = 0] = await freePorts(1);
});

afterAll(async () => {
  await application.end();
  await pooler.stop("SIGQUIT");
  await postgres.stop();
  await folder.remove();
  rmSync(place, { recursive: true, force: true });
});

/** The job file of the collector's ConfigMap, with the addresses and paths of this machine. */
async function jobFile(): Promise<RemoteStackFile> {
  const { registrations } = await workloadsGraph();
  const found = objectsOf(registrations).find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "collector",
  );
  const made = remoteStackFileSchema.parse(JSON.parse(found?.data?.["job.json"] ?? ""));
  const here = { host: "localhost", port: postgres.port };
  const passwordFile = await folder.write("login-password", monitoringLogin);
  return {
    ...made,
    server: { ...made.server, ...here, ca: folder.caFile, auth: { passwordFile } },
    logical: { destination: { folder: place } },
    monitoring: {
      ...made.monitoring!,
      scraping: { listen: `127.0.0.1:${port}`, ...(await folder.certificate("metrics")), authority: folder.caFile },
      probe: {
        ...made.monitoring!.probe!,
        host: "localhost",
        port: pooler.port,
        authority: folder.caFile,
        passwordFile: await folder.write("probe-password", probeLogin),
      },
      // The second one is not there.
      servers: [
        { name: "primary", ...here },
        { name: "replica1", ...here, port: 1 },
      ],
    },
  };
}

/** Metrics of alerts that this server has no series of, by the reason. */
const missingHere: Readonly<Record<string, readonly string[]>> = {
  "no dump and no drill yet": [
    "howdah_backup_duration_median_seconds",
    "howdah_backup_duration_seconds",
    "howdah_backup_run_success",
    "howdah_backup_run_timestamp_seconds",
    "howdah_backup_size_bytes",
    "howdah_backup_size_median_bytes",
    "howdah_drill_last_success_timestamp_seconds",
    "howdah_drill_rto_seconds",
    "howdah_drill_success",
  ],
  "no standby and no subscription": [
    "howdah_subscription_apply_errors_total",
    "howdah_subscription_lag_seconds",
    "howdah_subscription_sync_errors_total",
    "howdah_wal_receiver_streaming",
    "pg_stat_replication_pg_wal_lsn_diff",
  ],
  "no archive and no checksums": ["pg_stat_archiver_last_archive_age", "pg_stat_database_checksum_failures"],
  "a newer PostgreSQL": ["pg_settings_reserved_connections"],
  "nothing announces work in a cluster": ["howdah_planned_work"],
  "nothing tells the collector since when a CronJob is there": ["howdah_backup_scheduled_timestamp_seconds"],
};

/** Sessions that the collector itself had. */
const sessionsOf = (lines: readonly string[]): number =>
  Number(lines.find((line) => /^howdah_role_connections\{.*rolname="howdah_monitoring"/.test(line))?.split(" ")[1]);

test("the collector of a Kubernetes stack fills every set that its alerts read, of the servers that are there", async () => {
  const job = await jobFile();
  const end = new AbortController();
  const notes: string[] = [];
  const context = { progress: () => undefined, note: (text: string) => notes.push(text), signal: end.signal };
  const running = serveCollector(remoteCollection(job), context);
  const scraper = await folder.certificate("scraper");
  const tls = {
    ca: readFileSync(folder.caFile, "utf8"),
    cert: readFileSync(scraper.certificate, "utf8"),
    key: readFileSync(scraper.key, "utf8"),
  };
  const wanted = job.monitoring!.sets.filter((set) => set !== "collector");
  const ofStack: readonly SetName[] = ["backups", "backup runs", "drills", "stack", "probe"];
  const labels = (set: SetName) => `set="${set}"${ofStack.includes(set) ? "" : ',server="primary"'}`;
  const up = (text: string, set: SetName): boolean => text.includes(`howdah_collector_up{${labels(set)}} 1\n`);
  let text = "";
  await waitFor(
    async () => {
      text = (await https(port, { path: "/metrics", ...tls }).catch(() => ({ body: "" }))).body;
      return wanted.every((set) => up(text, set)) ? true : undefined;
    },
    { timeout: 60_000 },
  );
  end.abort();
  await running;
  expect(notes.filter((note) => !/^metrics on port|^replica1, /.test(note))).toEqual([]);
  expect(wanted.filter((set) => !up(text, set))).toEqual([]);
  const lines = text.split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'pg_up{server="primary"} 1',
      'pg_up{server="replica1"} 0',
      "howdah_servers_declared 2",
      'howdah_probe_success{route="read-write"} 1',
      'howdah_probe_success{route="read-only"} 1',
    ]),
  );
  const shown = new Set(lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []));
  const setsShown = new Set(
    Object.entries(collectorMetrics).flatMap(([name, { set }]) => (shown.has(name) ? [set] : [])),
  );
  expect([...setsShown].filter((set) => !job.monitoring!.sets.includes(set))).toEqual([]);
  expect(sessionsOf(lines)).toBeLessThanOrEqual(2);
  const read = new Set(
    catalogue(settings())
      .flatMap(({ expr }) => expr.metrics)
      .filter((name) => !/^(pgbouncer_|howdah_pool_|howdah_certificate_|up$)/.test(name)),
  );
  const reasons = Object.values(missingHere).flat();
  expect([...read].filter((name) => !shown.has(name) && !reasons.includes(name))).toEqual([]);
});

test("an owner who keeps the login out of his database hides no figure of the server", async () => {
  const [primary] = remoteCollection(await jobFile()).nodes;
  const results = new Results();
  const sets = sqlSets.filter(({ name }) => name === "availability");
  const node = new Node(primary!, sets, { results, note: () => undefined });
  const end = new AbortController();
  await postgres.sql("app", `REVOKE CONNECT ON DATABASE app FROM ${monitoringLogin}`);
  const running = node.collect(end.signal);
  try {
    const up = () => Promise.resolve(samplesOf(results.series(), "pg_up")[0]?.[1]);
    expect(await waitFor(up, { timeout: 20_000 })).toBe(1);
  } finally {
    end.abort();
    await running;
    await postgres.sql("app", `GRANT CONNECT ON DATABASE app TO ${monitoringLogin}`);
  }
});

test("promtool accepts the rules, each of which reads the stack's series alone", () => {
  writeFileSync(join(place, "rules.yml"), ruleFile(ruleGroups(settings())));
  const { code, stdout, stderr } = runPromtool(["check", "rules", "--lint=all", "--lint-fatal", "rules.yml"], place);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

describe("with the labels of the PodMonitors", () => {
  const target = (component: string, instance: string) =>
    `stack="test",job="${component}",instance="${instance}",namespace="howdah"`;
  const poolers = ["pooler-0", "pooler-1"].map((name) => target("pooler", name));
  const pool = 'database="app",user="app"';
  const rule = (labels: object) => ({ stack: "test", ...labels });

  /** What promtool says of alerts after five minutes of such series. */
  function alertsAt(series: Readonly<Record<string, string>>, expected: Readonly<Record<string, readonly object[]>>) {
    const tests = {
      rule_files: ["quiet.yml"],
      evaluation_interval: "15s",
      tests: [
        {
          interval: "15s",
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: Object.entries(expected).map(([alertname, alerts]) => ({
            eval_time: "6m",
            alertname,
            exp_alerts: alerts.map((exp_labels) => ({ exp_labels })),
          })),
        },
      ],
    };
    const bare = ruleGroups(settings()).flatMap(({ name, rules }) => {
      const wanted = rules.filter(({ alert = "" }) => alert in expected);
      return wanted.length === 0 ? [] : [{ name, rules: wanted.map((one) => ({ ...one, annotations: {} })) }];
    });
    writeFileSync(join(place, "quiet.yml"), ruleFile(bare));
    writeFileSync(join(place, "test.yml"), JSON.stringify(tests));
    return runPromtool(["test", "rules", "test.yml"], place);
  }

  test("waiting clients of all pods count together, and each pod that does not answer for itself", () => {
    const waiting = (at: number) => `pgbouncer_pools_client_waiting_connections{${poolers[at]!},${pool}}`;
    const up = (at: number) => `pgbouncer_up{${poolers[at]!}}`;
    const series = { [waiting(0)]: "0x40", [waiting(1)]: "2x40", [up(0)]: "1x40", [up(1)]: "0x40" };
    const down = { job: "pooler", instance: "pooler-1", namespace: "howdah" };
    const expected = {
      ClientsWaiting: [rule({ severity: "warning", nature: "symptom", area: "pooler", database: "app", user: "app" })],
      PgbouncerDown: [rule({ severity: "critical", nature: "symptom", area: "pooler", ...down })],
    };
    expect(alertsAt(series, expected)).toMatchObject({ code: 0 });
    expect(alertsAt({ ...series, [up(1)]: "1x40" }, expected).code).not.toBe(0);
  });

  test("a pooler or a collector that Prometheus does not find is missing", () => {
    const up = (labels: string) => `up{${labels}}`;
    const all = Object.fromEntries(
      [...poolers, target("pooler", "pooler-2"), target("collector", "collector")].map((one) => [up(one), "1x40"]),
    );
    const missing = (job: string) => ({
      TargetMissing: [rule({ severity: "warning", nature: "cause", area: "watchers", job })],
    });
    expect(alertsAt(all, { TargetMissing: [] })).toMatchObject({ code: 0 });
    const without = (labels: string) => Object.fromEntries(Object.entries(all).filter(([name]) => name !== up(labels)));
    expect(alertsAt(without(poolers[0]!), missing("pooler"))).toMatchObject({ code: 0 });
    expect(alertsAt(without(target("collector", "collector")), missing("collector"))).toMatchObject({ code: 0 });
  });
});
