import { join } from "node:path";
import type { Job } from "../../../contracts/stack-file";
import type { BackupPlan } from "../../backup/plan";
import { tierNames } from "../../../contracts/tiers";
import type { FailoverPlan } from "../../postgres/objectives";
import { toSeconds } from "../../../lib/values";
import { guardName } from "../../../contracts/guard";
import type { Layout } from "./layout";
import type { Machine } from "./machine";
import { jobConfigFile, nodeConfigFile, processes, repositoryPath, stanza } from "./backups/pgbackrest";

export interface JobInput {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly backup: BackupPlan;
  readonly plan: Pick<FailoverPlan, "archiveTimeout">;
  readonly rtoSeconds: number;
  readonly databases: readonly string[];
  readonly cpus: number;
}

/** Where the `howdah` command finds what follows. */
export const jobFile = (layout: Layout): string => join(layout.etc, "job.json");
/** age identity of the stack's own dumps. */
export const identityFile = (layout: Layout): string => join(layout.etc, "dumps.key");

/** Folders of the jobs. */
export const jobFolders = (layout: Layout): Job["folders"] & { readonly logical: string } => ({
  work: join(layout.root, "work"),
  history: join(layout.backup, "history"),
  metrics: join(layout.root, "metrics"),
  logical: join(layout.backup, "logical"),
});

const tiersOf = ({ tiers }: BackupPlan): Job["tiers"] =>
  Object.fromEntries(
    tierNames.map((name) => [name, { schedule: tiers[name].schedule, keptSeconds: toSeconds(tiers[name].kept) }]),
  ) as Job["tiers"];

const logicalOf = ({ logical }: BackupPlan, layout: Layout): Job["logical"] => ({
  destination: logical.destination ?? { folder: jobFolders(layout).logical },
  // With a recipient of the user's, the private key is none of this machine's.
  ...(logical.recipient === undefined ? { identityFile: identityFile(layout) } : { recipient: logical.recipient }),
});

/** Every service of a stack. */
const servicesOf = ({ etcd, nodes }: Layout): string[] => [
  ...etcd.map(({ name }) => name),
  ...nodes.flatMap(({ name, service }) => [service, guardName(name)]),
  "haproxy",
  "pgbouncer",
  guardName("pooler"),
  "backup-schedule",
];

/** What the jobs of a local stack have to know. */
export function localJob(input: JobInput): Job {
  const { layout, machine, backup, plan } = input;
  const { work, history, metrics } = jobFolders(layout);
  return {
    stack: layout.stack,
    program: [...machine.howdah],
    postgresBin: machine.postgresBin,
    socketDirectory: layout.run,
    servers: layout.nodes.map((node) => ({
      name: node.name,
      port: node.port,
      dataDirectory: node.dataDirectory,
      backrestFile: nodeConfigFile(layout, node),
      patroniFile: join(layout.etc, `patroni-${node.name}.yml`),
      service: node.service,
      restPort: node.restPort,
    })),
    etcd: layout.etcd.map(({ name, clientPort }) => ({ name, clientPort })),
    poolerPort: layout.poolerPort,
    services: servicesOf(layout),
    supervisor: layout.supervisor,
    patronictl: machine.patronictl,
    tls: {
      ca: join(layout.tls, "ca.crt"),
      certificate: join(layout.tls, "node1.crt"),
      key: join(layout.tls, "node1.key"),
    },
    databases: [...input.databases],
    repository: {
      configFile: jobConfigFile(layout),
      stanza,
      path: repositoryPath(layout),
      processes: processes(input.cpus),
    },
    tiers: tiersOf(backup),
    logical: logicalOf(backup, layout),
    ...(backup.notify === undefined ? {} : { notify: backup.notify }),
    objectives: {
      rtoSeconds: input.rtoSeconds,
      archiveSeconds: plan.archiveTimeout,
      drillSeconds: toSeconds(backup.drill.overdue),
      pointInTimeSeconds: toSeconds(backup.pointInTime),
    },
    folders: { work, history, metrics },
  };
}
