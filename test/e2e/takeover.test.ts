import { rmSync } from "node:fs";
import {
  adopt,
  changesOf,
  earlierState,
  type EarlierState,
  losses,
  passphrase,
  type RecordedResource,
  withResources,
} from "../support/earlier-state";
import { smallConfig, TestStack } from "../support/stack/stack";

jest.setTimeout(600_000);
process.env["PULUMI_CONFIG_PASSPHRASE"] = passphrase;

/** The config of the fixture. Its folder and ports are none of this machine's: a preview touches neither. */
const config = {
  ...smallConfig(13_000),
  local: { portBase: 13_000, stateDirectory: "/var/lib/howdah-takeover" },
  monitoring: { enabled: true },
};

/** What an `up` does to a stack made at cf5cc52, by the reason for it. A change that does more to a stack that is there adds its lines. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "the file of the command is named after its content, in guards and schedules": [
    "update backups-crontab: content",
    "update backups-job-file: content",
    "update backups-schedule: reloadTriggers",
    "update pooler-guard: command",
    "update postgres-node1-guard: command",
    "update postgres-node2-guard: command",
    "update postgres-node3-guard: command",
  ],
  "aed086a: transaction_timeout is among the settings of howdah's logins": [
    "update backups-login: apply",
    "update backups-socket-logins: apply, probe",
    "update pooler-logins: apply, probe",
    "update postgres-administrator-role: apply, probe",
    "update postgres-sessions: apply, probe",
  ],
  "a PgBouncer that keeps prepared statements: its program and file, and what is left for work_mem": [
    "update pooler-pgbouncer.ini: content",
    "update pooler: command, reloadTriggers",
    "update postgres-cluster: configuration, mark",
    ...[1, 2, 3].flatMap((node) => [
      `update postgres-node${node}-configuration: content`,
      `update postgres-node${node}: reloadTriggers`,
    ]),
  ],
  "every database has pg_stat_statements, in the schema of extensions": [
    "create access-extension-app-pg_stat_statements",
    "create access-grant-app-schema-extensions-app_owner",
    "create access-grant-app-schema-extensions-app_readonly",
    "create access-grant-app-schema-extensions-howdah_backup",
    "create access-grant-app-schema-extensions-howdah_monitoring",
    "create access-schema-app-extensions",
    "update removals: databases",
  ],
  "Prometheus, Alertmanager and exporters; HAProxy serves metrics, without a restart": [
    "create monitoring",
    "create monitoring-alertmanager",
    "create monitoring-alertmanager-configuration",
    "create monitoring-collector",
    ...["app", "postgres"].map((database) => `create monitoring-collector-grants-${database}`),
    "create monitoring-collector-login",
    "create monitoring-collector-probe",
    "create monitoring-data",
    "create monitoring-node-exporter",
    "create monitoring-password",
    "create monitoring-password-file",
    "create monitoring-prometheus",
    "create monitoring-prometheus-configuration",
    "create monitoring-prometheus-rules",
    "create monitoring-web",
    ...["monitoring", "prometheus"].flatMap((name) => [
      `create foundation-${name}-certificate`,
      `create foundation-${name}-crt`,
      `create foundation-${name}-key`,
    ]),
    "update postgres-router-configuration: content",
    "update postgres-router: ports, reloadTriggers",
  ],
  "a login for the availability probe, which the pooler lets in; the monitoring login reads how far sequences are": [
    "create access-default-app-sequence-howdah_monitoring",
    "create access-grant-app-database-howdah_probe",
    "create access-login-howdah_probe-password",
    "create access-login-howdah_probe-salt",
    "create access-role-howdah_probe",
    "update pooler-pgbouncer-hba.conf: content",
    "update pooler-pgbouncer-userlist.txt: content",
  ],
  "dc9d872: an advice in other words": ["update foundation-fixed: advice"],
};

let stack: TestStack | undefined;
afterEach(() => {
  // No `down`: there are no servers, and nothing but the record.
  if (stack !== undefined) rmSync(stack.root, { recursive: true, force: true });
});

/** Certificates never end here: whether one is due says nothing about a takeover. */
const evergreen = (resource: RecordedResource): RecordedResource =>
  resource.type === "host:index:Certificate"
    ? { ...resource, outputs: { ...resource.outputs, notAfter: "2999-01-01T00:00:00.000Z" } }
    : resource;

async function takenOver(state: EarlierState): Promise<TestStack> {
  stack = new TestStack("takeover", config);
  const { code, output } = await stack.pulumi("stack", "init", stack.name, "--non-interactive");
  if (code !== 0) throw new Error(`stack init failed (${code}):\n${output}`);
  await adopt(stack, withResources(state, evergreen), stack.root);
  return stack;
}

// Paths of programs and owners of files differ without root.
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("a stack of an earlier commit is taken over, and loses nothing", async () => {
  const changes = await changesOf(await takenOver(earlierState("local")));
  expect(losses(changes)).toEqual([]);
  expect(changes).toEqual(Object.values(expected).flat().sort());
});

asRoot("control: a record of another database is found", async () => {
  const differing = withResources(earlierState("local"), (resource) =>
    resource.type === "postgresql:index/database:Database"
      ? {
          ...resource,
          inputs: { ...resource.inputs, lcCollate: "POSIX" },
          outputs: { ...resource.outputs, lcCollate: "POSIX" },
        }
      : resource,
  );
  expect(losses(await changesOf(await takenOver(differing)))).toContain("replace access-database-app: lcCollate");
});
