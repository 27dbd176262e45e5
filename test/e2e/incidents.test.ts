import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { all, appended, type End, Incidents } from "../support/monitoring/incidents";
import { Receiver } from "../support/monitoring/receiver";
import { listed } from "../support/servers/backups/catalog";
import { dataFile, flipMiddle } from "../support/servers/backups/repository";
import { freePorts } from "../support/servers/ports";
import { discard } from "../support/stack/discard";
import { howdah, jobOf } from "../support/stack/howdah";
import { crash, type Node, nodeProcesses, rolesOf, signal } from "../support/stack/nodes";
import { servicePid, supervisorctl } from "../support/stack/processes";
import { smallConfig, superuser, TestStack } from "../support/stack/stack";
import { backupConfig, dumpDisk, roomIncidents } from "./suites/room-incidents";
import { sessionIncidents } from "./suites/session-incidents";

/** Only a bound: the alerts with the longest wait come after some six minutes. */
jest.setTimeout(900_000);

const small = smallConfig(8900);
const stack = new TestStack("e2e-incidents", small);
let receiver: Receiver;
let primary: Node;
/** Its replay hangs, its files are edited. */
let edited: Node;
/** It is stopped. */
let stopped: Node;

const incidents = new Incidents(stack, () => receiver);

const asMigrator = async (sql: string): Promise<void> => {
  await stack.query("app_migrator", sql);
};

const isRoot = process.getuid?.() === 0;
/** Where the dumps go: a disk of its own if we may make one. */
let dumps: string;

beforeAll(async () => {
  dumps = mkdtempSync(join(tmpdir(), "howdah-dumps-"));
  if (isRoot) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${dumpDisk},mode=0777`, "tmpfs", dumps]);
  receiver = await Receiver.start();
  const [nobody] = await freePorts(1);
  const receivers = {
    hook: receiver.at("/hook"),
    broken: { webhook: { url: `http://127.0.0.1:${nobody ?? 0}/` } },
  };
  const patient = { statementTimeout: "1 hour" };
  const applications = {
    app: { access: "readwrite", pool: 4, overflow: 2, ...patient },
    reports: { access: "readonly", pool: 2, overflow: 1, ...patient },
    app_migrator: { access: "owner", pool: 2, overflow: 1, ...patient },
  };
  stack.config = {
    ...small,
    postgres: {
      ...(small["postgres"] as object),
      parameters: { autovacuum_freeze_max_age: 100_000, max_slot_wal_keep_size: "256MB" },
    },
    backup: backupConfig(dumps),
    databases: { app: { applications } },
    monitoring: {
      enabled: true,
      routing: { receivers, info: ["hook"], wait: { critical: "1 second", other: "1 second" } },
    },
  };
  await stack.up();
  const { primary: leader, replicas } = await rolesOf(stack);
  [primary, edited, stopped] = [leader, replicas[0]!, replicas[1]!];
  await asMigrator("CREATE TABLE held (id int PRIMARY KEY, n int); INSERT INTO held SELECT generate_series(1, 2), 0");
  await asMigrator("CREATE TABLE busy (at timestamptz)");
});

afterAll(async () => {
  process.stdout.write(incidents.table());
  receiver.stop();
  await discard(stack);
  if (isRoot) execFileSync("umount", [dumps]);
  rmSync(dumps, { recursive: true });
});

/** Takes the repository away. */
function withoutRepository(): End {
  const repository = stack.path("backup", "repository");
  renameSync(repository, `${repository}.away`);
  return () => {
    rmSync(repository, { recursive: true, force: true });
    renameSync(`${repository}.away`, repository);
  };
}

incidents.atOnce("backups, and numbers that run out", [
  {
    what: "a drill finds a damaged backup, and a backup no repository",
    alerts: ["DrillFailed", "BackupFailed"],
    begin: async () => {
      const [newest] = await listed(stack);
      const file = dataFile(stack, newest?.label ?? "");
      flipMiddle(file);
      expect((await howdah(stack, "drill", "--quick")).code).toBe(4);
      flipMiddle(file);
      const end = withoutRepository();
      expect((await howdah(stack, "backup", "--tier", "daily")).code).toBe(1);
      end();
      return () => undefined;
    },
  },
  {
    what: "a sequence and a smallint key are nearly used up",
    alerts: ["SequenceExhaustion", "IntegerKeyExhaustion"],
    begin: async () => {
      await asMigrator("CREATE TABLE few (id smallserial PRIMARY KEY); INSERT INTO few VALUES (31000)");
      await asMigrator("SELECT setval('few_id_seq', 31000); ANALYZE few");
      // It looks at these once an hour, and when it begins.
      await supervisorctl(stack, "restart", "collector");
      return () => undefined;
    },
  },
]);

incidents.atOnce("sessions, files and services", [
  ...sessionIncidents(incidents, stack, () => ({ primary, edited })),
  {
    what: "the rules of a replica let a superuser in over TCP, without TLS",
    alerts: ["SuperuserOverTcp", "PlainConnections"],
    begin: async () => {
      const path = join(edited.dataDirectory, "pg_hba.conf");
      const rules = readFileSync(path);
      writeFileSync(path, `host all postgres 127.0.0.1/32 trust\n${rules.toString()}`);
      await incidents.reload(edited);
      const client = new Client({ host: "127.0.0.1", port: edited.port, user: "postgres", database: "postgres" });
      client.on("error", () => undefined);
      await client.connect();
      return async () => {
        await client.end();
        writeFileSync(path, rules);
        await incidents.reload(edited);
      };
    },
  },
  {
    what: "a server's configuration file gets a parameter that there is not",
    alerts: ["ConfigFileError"],
    // Not the primary's: it would apply no change any more, not even that of its synchronous replica.
    begin: () => Promise.resolve(appended(join(edited.dataDirectory, "postgresql.base.conf"), "\nnosuch = banana\n")),
  },
  {
    what: "somebody alters a setting by hand",
    alerts: ["SettingsChanged"],
    begin: async () => {
      await superuser(stack, primary.port, "ALTER SYSTEM SET log_min_duration_statement = 12345");
      await incidents.reload(primary);
      return () => superuser(stack, primary.port, "ALTER SYSTEM RESET log_min_duration_statement");
    },
  },
  {
    what: "the repository is gone",
    alerts: ["ArchiveFailing", "ArchiveBacklog", "RepositoryUnreachable"],
    begin: async () => {
      const end = withoutRepository();
      for (let turn = 0; turn < 25; turn++)
        await superuser(
          stack,
          primary.port,
          "SELECT pg_logical_emit_message(true, 'e2e', 'x'); SELECT pg_switch_wal()",
        );
      return end;
    },
  },
  {
    what: "a certificate is near its end",
    alerts: ["CertificateExpiry"],
    begin: () => {
      const certificate = stack.path("tls", "old.crt");
      const words = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=old"];
      execFileSync("openssl", [...words, "-days", "3", "-out", certificate], { stdio: "ignore" });
      return Promise.resolve(() => {
        rmSync(certificate);
      });
    },
  },
  {
    what: "a service dies again and again",
    alerts: ["ServiceFlapping"],
    begin: async () => {
      for (let turn = 0; turn < 6; turn++) {
        process.kill(await servicePid(stack, "guard-pooler"), "SIGKILL");
        // Between two looks of the collector it counts once.
        await sleep(17_000);
      }
      return () => undefined;
    },
  },
  {
    what: "a receiver refuses all notifications",
    alerts: ["NotificationsFailing"],
    begin: () => Promise.resolve(() => undefined),
  },
  {
    what: "Prometheus and Alertmanager get files that they cannot read",
    alerts: ["PrometheusReloadFailed", "AlertmanagerReloadFailed"],
    begin: async () =>
      all(
        await incidents.unreadable("prometheus", stack.path("etc", "prometheus.yml")),
        await incidents.unreadable("alertmanager", stack.path("etc", "alertmanager.yml")),
      ),
  },
  {
    what: "a replica and a member of etcd are stopped",
    alerts: ["PostgresDown", "ServiceDown", "EtcdMemberDown"],
    begin: () => incidents.withoutServices(`patroni-${stopped.name}`, "etcd3"),
  },
]);

const healthy = async (): Promise<void> => {
  ({ primary } = await rolesOf(stack));
};

/** Damages a page of a table that no server has in memory, while its server is stopped. */
async function rotten(node: Node): Promise<End> {
  await asMigrator("CREATE TABLE rotten AS SELECT generate_series(1, 10000) AS n");
  const place = { port: node.port, database: "app" };
  const file = await superuser(
    stack,
    { ...place, port: primary.port },
    "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname = 'rotten'",
  );
  await superuser(stack, primary.port, "CHECKPOINT");
  await superuser(stack, node.port, "CHECKPOINT");
  const start = await incidents.withoutServices(`patroni-${node.name}`);
  const handle = openSync(join(node.dataDirectory, file), "r+");
  writeSync(handle, Buffer.alloc(100, 7), 0, 100, 8192 + 4000);
  closeSync(handle);
  await start();
  await healthy();
  await superuser(stack, place, "SELECT count(*) FROM app.rotten").catch(() => undefined);
  return () => asMigrator("DROP TABLE rotten");
}

describe("of a healthy cluster again", () => {
  beforeAll(healthy);
  incidents.atOnce("no replica", [
    {
      what: "all replicas are stopped",
      alerts: ["HaproxyNoReader", "SyncStandbyMissing", "MembersMissing"],
      begin: () => incidents.withoutServices(...[edited, stopped].map(({ name }) => `patroni-${name}`)),
    },
  ]);
});

describe("with all servers again", () => {
  beforeAll(healthy);
  incidents.atOnce("a damaged page, and room that runs out", [
    {
      what: "a page on a replica's disk is damaged, and read",
      alerts: ["ChecksumFailures"],
      begin: () => rotten(stopped),
    },
    ...roomIncidents(incidents, stack, () => ({ primary, dumps })),
  ]);
  incidents.atOnce("no majority of etcd", [
    {
      what: "two of three members of etcd are stopped",
      alerts: ["EtcdNoQuorum", "FailsafeActive"],
      begin: () => incidents.withoutServices("etcd2", "etcd3"),
    },
  ]);
});

describe("with etcd again", () => {
  beforeAll(healthy);
  incidents.atOnce("no way to the servers", [
    {
      what: "HAProxy is stopped",
      alerts: ["HaproxyDown"],
      begin: () => incidents.withoutServices("haproxy"),
    },
    {
      what: "PgBouncer is stopped",
      alerts: ["PgbouncerDown", "WriteProbeFailing", "ReadProbeFailing"],
      begin: () => incidents.withoutServices("pgbouncer"),
    },
  ]);
  incidents.atOnce("too many errors for the objective", [
    {
      what: "writes were impossible for some minutes",
      alerts: ["ErrorBudgetGoneInTwoDays"],
      begin: () => Promise.resolve(() => undefined),
    },
  ]);
});

describe("with everything again", () => {
  beforeAll(healthy);
  incidents.atOnce("the primary is lost", [
    {
      what: "the primary is killed with all its processes",
      alerts: ["FailoverHappened", "PostgresRestarted"],
      begin: () => {
        signal(nodeProcesses(stack, primary), "SIGKILL");
        return Promise.resolve(healthy);
      },
    },
  ]);
  incidents.atOnce("the primary is lost again and again", [
    {
      what: "two more primaries are killed",
      alerts: ["FailoverFlapping"],
      begin: async () => {
        for (let turn = 0; turn < 2; turn++) {
          const before = primary;
          crash(before);
          await stack.awaitMembers(
            (view) => view.some(({ name, role }) => role === "leader" && name !== before.name),
            600,
          );
          await healthy();
        }
        return () => undefined;
      },
    },
  ]);
  incidents.atOnce("two primaries", [
    {
      what: "a replica is promoted by hand while Patroni is paused",
      alerts: ["SplitBrain"],
      begin: async () => {
        const promoted = (await rolesOf(stack)).replicas[0]!;
        incidents.patronictl("pause", "--wait", stack.name);
        await superuser(stack, promoted.port, "SELECT pg_promote()");
        return () => {
          incidents.patronictl("resume", "--wait", stack.name);
          // Its own timeline may have the number of the cluster's next one: then neither pg_rewind nor Patroni sees that it left.
          incidents.patronictl("reinit", "--force", "--wait", stack.name, promoted.name);
        };
      },
    },
  ]);
  incidents.atOnce("no server at all", [
    {
      what: "every server is stopped",
      alerts: ["NoWriter"],
      begin: async () => {
        const { nodes } = await stack.outputs();
        return incidents.withoutServices(...nodes.map(({ name }) => `patroni-${name}`));
      },
    },
  ]);
});

describe("with a primary again", () => {
  beforeAll(healthy);
  incidents.atOnce("nothing on the host answers", [
    {
      what: "every service is stopped, except those that say so",
      alerts: ["HostDown"],
      begin: () => incidents.withoutServices(...jobOf(stack).services, "collector", "node-exporter"),
    },
  ]);
});

const ending = [
  "LockWait",
  "ReplicationLagSeconds",
  "PostgresDown",
  "EtcdNoQuorum",
  "PgbouncerDown",
  "NoWriter",
] as const;
test.each(ending)("%s ends as its incident does", async (alert) => {
  await healthy();
  await incidents.posted("resolved", alert);
});

test("at least thirty different alerts have arrived", () => {
  expect(new Set(incidents.arrived.map(({ alert }) => alert)).size).toBeGreaterThanOrEqual(30);
});
