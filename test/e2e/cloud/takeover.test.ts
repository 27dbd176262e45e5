import type { Keys } from "./cases";
import { masterPasswordVariable } from "../../simulation/aws/invokes";
import { CloudStack, configOf } from "../../support/clouds/cloud-stack";
import { adopt, changesOf, earlierState, type EarlierState, losses, withResources } from "../../support/earlier-state";

jest.setTimeout(600_000);

// Of the server that the stacks were made on; there is none now, and a preview needs none.
const administration = { host: "localhost", port: 15_432 };
process.env[masterPasswordVariable] = "of-the-master-user";

/** What an `up` does to a stack made at cf5cc52, by the reason for it. A change that does more to a stack that is there adds its lines. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "aed086a: the administrator's sessions keep to settings of their own": ["create cloud-sessions"],
  "every database has pg_stat_statements, in the schema of extensions": [
    "create access-extension-app-pg_stat_statements",
    "create access-grant-app-schema-extensions-app_owner",
    "create access-grant-app-schema-extensions-app_readonly",
    "create access-grant-app-schema-extensions-howdah_backup",
    "create access-grant-app-schema-extensions-howdah_monitoring",
    "create access-schema-app-extensions",
  ],
  "the availability probe has a login, and the monitoring login reads sequences": [
    "create access-default-app-sequence-howdah_monitoring",
    "create access-grant-app-database-howdah_probe",
    "create access-login-howdah_probe-password",
    "create access-login-howdah_probe-salt",
    "create access-role-howdah_probe",
    "update cloud-lookup-app: apply",
  ],
  "one collector instead of the exporters, scraped over TLS, and the alerts": [
    "create workloads-collector",
    "create workloads-collector-account",
    "create workloads-collector-file",
    "create workloads-collector-monitor",
    "create workloads-collector-pod",
    "create workloads-collector-rules",
    "create workloads-metrics",
    "create workloads-metrics-authority",
    "create workloads-metrics-collectors",
    "create workloads-metrics-issuer",
    "create workloads-metrics-scraper",
    "create workloads-metrics-self-signed",
    "create workloads-network-collector",
    "update cloud-backups-metrics-role: assumeRolePolicy",
    "update workloads-monitoring: stringData",
    "update workloads-network-pooler: spec",
    "update workloads-pooler-monitor: spec",
    "update workloads-pooler-pods: spec",
  ],
  // Its room in max_connections is part of the parameters below, and its alerts of the rules above.
  "the availability probe, which the collector runs and PgBouncer lets in": [
    "create workloads-probe",
    "update workloads-pooler-secrets: stringData",
  ],
  "the monitoring login enters postgres, out of which no owner of a database can keep it": ["create cloud-monitoring"],
  "a PgBouncer that keeps prepared statements: its file, and what is left for work_mem": [
    "update cloud-servers-postgres15: parameters",
    "update workloads-pooler-configuration: data",
  ],
};

const exporters = (servers: readonly string[]): string[] =>
  ["account", "monitor", ...servers].map((part) => `delete workloads-exporters-${part}`);

/**
 * What an `up` takes away: only what exports metrics, none of which holds anything. The collector does the work of the exporters and of the
 * job that showed the dumps.
 */
const removed: Readonly<Record<"staging" | "prod", readonly string[]>> = {
  staging: [
    ...exporters(["primary", "replica1"]),
    // Its service account has another name, and EKS knows an association by that.
    "replace cloud-backups-metrics-association: serviceAccount",
  ],
  prod: exporters(["reader", "writer"]),
};
const removedFromAll = [
  "delete workloads-exporters",
  "delete workloads-jobs-metrics",
  "delete workloads-jobs-metrics-account",
  "delete workloads-jobs-metrics-file",
  "delete workloads-jobs-metrics-monitor",
  "delete workloads-network-backup-metrics",
  "delete workloads-network-postgres-exporter",
];

let stack: CloudStack | undefined;
afterEach(() => stack?.remove());

/** A stack with that state, in a world that has what the state names. */
async function takenOver(name: "staging" | "prod", state: EarlierState): Promise<CloudStack> {
  const config = configOf(name) as Keys;
  const made = new CloudStack(`cloud-${name}`, { ...config, aws: { ...config["aws"], administration } });
  stack = made;
  await made.start();
  for (const { type, id = "", urn, external, outputs = {} } of state.deployment.resources)
    if (/^(aws|kubernetes):/.test(type) && external !== true)
      made.world.put({ type, id, name: urn.split("::")[3] ?? "", place: "of the fixture", seed: "", state: outputs });
  await adopt(made, state, made.root);
  return made;
}

test.each(["staging", "prod"] as const)(
  "%s of an earlier commit is taken over, and loses nothing but its exporters",
  async (name) => {
    const changes = await changesOf(await takenOver(name, earlierState(name)));
    const gone = [...removed[name], ...removedFromAll].sort();
    expect(losses(changes)).toEqual(gone);
    expect(changes.filter((change) => !gone.includes(change))).toEqual(Object.values(expected).flat().sort());
  },
);

test("control: a property of the record that no longer fits is found", async () => {
  const differing = withResources(earlierState("staging"), (resource) =>
    resource.type === "aws:rds/instance:Instance"
      ? {
          ...resource,
          inputs: { ...resource.inputs, storageEncrypted: false },
          outputs: { ...resource.outputs, storageEncrypted: false },
        }
      : resource,
  );
  // AWS would make another instance, which the protection refuses.
  await expect(changesOf(await takenOver("staging", differing))).rejects.toThrow(
    /unable to replace resource .*cloud-servers-primary/,
  );
});
