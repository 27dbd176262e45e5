import { join } from "node:path";
import type { LocalStackFile, LocalStackFileText } from "../../../contracts/stack-file";
import type { BackupPlan } from "../../backup/plan";
import type { PlatformInput } from "../../ports/platform";
import { sharedStackFile } from "../../backup/stack-file";
import type { FailoverPlan } from "../../postgres/objectives";
import type { Objectives } from "../../postgres/schema";
import { toSeconds } from "../../../lib/values";
import { guardName } from "../../../contracts/guard";
import type { Layout } from "./layout";
import type { Machine } from "./machine";
import { monitoringJob } from "./monitoring/files";
import { jobConfigFile, nodeConfigFile, processes, repositoryPath, stanza } from "./backups/pgbackrest";

export interface LocalStackFileInput {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly backup: BackupPlan;
  readonly plan: Pick<FailoverPlan, "archiveTimeout">;
  readonly objectives: Pick<Objectives, "rto" | "rpo">;
  /** Whether the stack has Prometheus and what belongs to it. */
  readonly monitored: boolean;
  readonly databases: readonly string[];
  readonly cpus: number;
}

/** Where the `howdah` command finds what follows. */
export const jobFile = (layout: Layout): string => join(layout.etc, "job.json");
/** age identity of the stack's own dumps. */
export const identityFile = (layout: Layout): string => join(layout.etc, "dumps.key");

/** Folders of the jobs. */
export const jobFolders = (layout: Layout): LocalStackFile["folders"] & { readonly logical: string } => ({
  work: join(layout.root, "work"),
  history: join(layout.backup, "history"),
  metrics: join(layout.root, "metrics"),
  logical: join(layout.backup, "logical"),
});

const logicalOf = ({ logical }: BackupPlan, layout: Layout): LocalStackFile["logical"] => ({
  destination: logical.destination ?? { folder: jobFolders(layout).logical },
  // If the user configures a recipient, the private key is not on this machine.
  ...(logical.recipient === undefined ? { identityFile: identityFile(layout) } : { recipient: logical.recipient }),
});

/** Every service that clients need. */
const servicesOf = ({ etcd, nodes }: Layout): string[] => [
  ...etcd.map(({ name }) => name),
  ...nodes.flatMap(({ name, service }) => [service, guardName(name)]),
  "haproxy",
  "pgbouncer",
  guardName("pooler"),
  "backup-schedule",
];

/** What a stack file is made of, in what the adapter gets. */
export type StackFilePlan = Pick<
  PlatformInput,
  "backup" | "databases" | "monitoring" | "objectives" | "plan" | "postgres"
>;

/** Text of the stack file. */
export const stackFileText = (
  { layout, machine }: Pick<LocalStackFileInput, "layout" | "machine">,
  { backup, databases, monitoring, objectives, plan, postgres }: StackFilePlan,
): string => {
  const shared = { backup, plan, objectives, databases, cpus: postgres.cpus, monitored: monitoring.enabled };
  return `${JSON.stringify(localStackFile({ layout, machine, ...shared }), undefined, 2)}\n`;
};

/** What the jobs of a local stack have to know. */
export function localStackFile(input: LocalStackFileInput): LocalStackFileText {
  const { layout, machine, backup, plan, objectives, monitored } = input;
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
    ...sharedStackFile({ backup, plan, objectives, logical: logicalOf(backup, layout) }),
    ...(monitored ? { monitoring: monitoringJob(layout, toSeconds(objectives.rpo), input.databases) } : {}),
    folders: { work, history, metrics },
  };
}
