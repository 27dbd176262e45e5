import { join } from "node:path";
import { Failure } from "../../../lib/errors";
import type { LocalSettings } from "./schema";

/**
 * Everything listens here only, and every client is sent here. No name: `localhost` is `::1` first on some systems, where nothing
 * of ours listens and another user of the machine may.
 */
export const loopback = "127.0.0.1";

/** Names in every certificate in addition to the server's own, for clients that do not compare the address they were given. */
export const namesForClients: readonly string[] = [
  // Node's TLS, and with it node-postgres, which hands over no name with an address.
  "localhost",
  // libpq before 15, which takes an address for a name.
  loopback,
];

/** Certificate that Prometheus, Alertmanager, the exporters and HAProxy's metrics show. */
export const monitoringCertificate = "monitoring";

/** Certificate that Prometheus scrapes etcd and HAProxy with, and common name in it. */
export const scraperCertificate = "prometheus";

export interface NodeLayout {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly restPort: number;
  /** Service name under the supervisor. */
  readonly service: string;
  readonly directory: string;
  readonly dataDirectory: string;
}

export interface EtcdLayout {
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly dataDirectory: string;
}

export interface MonitoringLayout {
  /** Folder of the metrics and of what Alertmanager remembers. */
  readonly directory: string;
  readonly collectorPort: number;
  readonly prometheusPort: number;
  readonly alertmanagerPort: number;
  readonly nodeExporterPort: number;
  /** HAProxy's own metrics. */
  readonly routerPort: number;
}

/** Where every file, socket and port of a stack is. */
export interface Layout {
  readonly stack: string;
  readonly root: string;
  readonly run: string;
  readonly etc: string;
  readonly tls: string;
  readonly log: string;
  readonly supervisor: string;
  readonly backup: string;
  /** Folder of the nodes' folders. */
  readonly nodesFolder: string;
  /** Folder of the etcd members' folders. */
  readonly etcdFolder: string;
  readonly poolerPort: number;
  readonly readWritePort: number;
  readonly readOnlyPort: number;
  readonly nodes: readonly NodeLayout[];
  readonly etcd: readonly EtcdLayout[];
  /** Used if the stack is monitored. */
  readonly monitoring: MonitoringLayout;
}

/** Each server's Unix socket, for SQL of a superuser. */
export const socketsOf = ({ nodes, run }: Layout): { socketDirectory: string; port: number }[] =>
  nodes.map(({ port }) => ({ socketDirectory: run, port }));

/** Offsets from `portBase`; a stack owns 100 ports. PgBouncer's default port is the usual one at the default base. */
const offsets = {
  pooler: 32,
  readWrite: 33,
  readOnly: 34,
  postgres: 40,
  rest: 50,
  etcdClient: 60,
  etcdPeer: 70,
  collector: 81,
  prometheus: 82,
  alertmanager: 83,
  nodeExporter: 84,
  routerMetrics: 85,
} as const;

/** `sun_path` of Linux holds 108 bytes with the closing zero. */
const longestSocketPath = 107;

/** Paths stand unquoted in files of six syntaxes, and in commands of a shell (PostgreSQL's archive_command, the crontab). */
const plainPath = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._+@-]+){2,}$/;

const numbered = (prefix: string, count: number): { name: string; index: number }[] =>
  Array.from({ length: count }, (_, at) => ({ name: `${prefix}${at + 1}`, index: at + 1 }));

export interface LayoutInput {
  readonly stack: string;
  readonly settings: LocalSettings;
  readonly replicas: number;
  /** Folder of the stacks of this machine, used if config names no `stateDirectory`. */
  readonly stateRoot: string;
}

/**
 * Lays a stack out.
 * @throws Failure if the state folder is too long for a Unix socket, or its path is not plain
 */
export function layoutOf({ stack, settings, replicas, stateRoot }: LayoutInput): Layout {
  const root = settings.stateDirectory ?? join(stateRoot, stack);
  if (!plainPath.test(root)) {
    throw new Failure(
      `howdah:local.stateDirectory: ${JSON.stringify(root)} is not allowed: choose a folder at least two levels deep, with only letters, digits and . _ + @ - in its path`,
    );
  }
  const at = (offset: number): number => settings.portBase + offset;
  const run = join(root, "run");
  const longest = join(run, `.s.PGSQL.${at(offsets.postgres)}.lock`);
  if (Buffer.byteLength(longest) > longestSocketPath) {
    throw new Failure(
      `howdah:local.stateDirectory: ${root} is too long: the path of the socket ${longest} may have at most ${longestSocketPath} bytes; choose a shorter folder`,
    );
  }
  const nodes = numbered("node", replicas + 1).map(({ name, index }) => ({
    name,
    host: loopback,
    port: at(offsets.postgres + index),
    restPort: at(offsets.rest + index),
    service: `patroni-${name}`,
    directory: join(root, "nodes", name),
    dataDirectory: join(root, "nodes", name, "data"),
  }));
  const etcd = numbered("etcd", settings.etcdMembers).map(({ name, index }) => ({
    name,
    clientPort: at(offsets.etcdClient + index),
    peerPort: at(offsets.etcdPeer + index),
    dataDirectory: join(root, "etcd", name),
  }));
  return {
    stack,
    root,
    run,
    etc: join(root, "etc"),
    tls: join(root, "tls"),
    log: join(root, "log"),
    supervisor: join(root, "supervisor"),
    backup: join(root, "backup"),
    nodesFolder: join(root, "nodes"),
    etcdFolder: join(root, "etcd"),
    poolerPort: at(offsets.pooler),
    readWritePort: at(offsets.readWrite),
    readOnlyPort: at(offsets.readOnly),
    nodes,
    etcd,
    monitoring: {
      directory: join(root, "monitoring"),
      collectorPort: at(offsets.collector),
      prometheusPort: at(offsets.prometheus),
      alertmanagerPort: at(offsets.alertmanager),
      nodeExporterPort: at(offsets.nodeExporter),
      routerPort: at(offsets.routerMetrics),
    },
  };
}

/** Services of the monitoring, as the supervisor names them, each with its port. */
export const monitoringPorts = ({ monitoring }: Layout) => ({
  collector: monitoring.collectorPort,
  prometheus: monitoring.prometheusPort,
  alertmanager: monitoring.alertmanagerPort,
  "node-exporter": monitoring.nodeExporterPort,
});

/** Ports of HAProxy. @param monitored whether it serves metrics */
export const routerPorts = ({ readWritePort, readOnlyPort, monitoring }: Layout, monitored: boolean): number[] => [
  readWritePort,
  readOnlyPort,
  ...(monitored ? [monitoring.routerPort] : []),
];

/** Every port of a stack, by service. @param monitored whether it has Prometheus and what belongs to it */
export function portsOf(layout: Layout, monitored: boolean): Record<string, number[]> {
  const { poolerPort, nodes, etcd } = layout;
  const monitoring = Object.entries(monitored ? monitoringPorts(layout) : {}).map(([name, port]) => [name, [port]]);
  return {
    pgbouncer: [poolerPort],
    haproxy: routerPorts(layout, monitored),
    ...Object.fromEntries(nodes.map(({ service, port, restPort }) => [service, [port, restPort]])),
    ...Object.fromEntries(etcd.map(({ name, clientPort, peerPort }) => [name, [clientPort, peerPort]])),
    ...(Object.fromEntries(monitoring) as Record<string, number[]>),
  };
}
