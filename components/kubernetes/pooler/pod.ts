import type { core } from "@pulumi/kubernetes/types/input";
import type { PlatformInput } from "../../ports";
import type { Drain } from "./drain";
import { image, paths, ports, postgresBin } from "../kit/image";
import { names, selectorOf } from "../kit/names";
import { clientsPerPod } from "./files";
import { configuration, container, memoryFolder, pod, secretFolder, type Size, temporary } from "../kit/pods";
import { metricsCertificate } from "../monitoring/certificates";
import { collectorContainer } from "../monitoring/container";
import type { KubernetesSettings } from "../schema";

export interface PoolerPodInput {
  readonly input: Pick<PlatformInput, "stack" | "pooler">;
  readonly settings: KubernetesSettings;
  readonly drain: Drain;
}

/** Kibibytes of a client: buffers of PgBouncer and of TLS. */
const perClient = 64;
const base = 64;

/** One thread: a second core would idle. Memory for every client that is let in. */
export function poolerSize(clients: number): Size {
  const memory = base + Math.ceil((clients * perClient) / 1024);
  return { cpu: [250, 1000], memory: [memory, memory] };
}

const configFiles = configuration([
  {
    configMap: names.pooler,
    items: { "pgbouncer.ini": paths.ini, "hba.conf": paths.hba, "route.json": paths.route },
  },
  { configMap: names.authorities, items: { "server-authorities.pem": paths.authorities } },
  { secret: names.pooler, items: { "userlist.txt": paths.userlist, password: paths.poolerPassword } },
]);
const run = memoryFolder("run", paths.run, 16);
const certificateFiles = { secret: names.certificate, folder: paths.certificateFolder };
const certificate = secretFolder({ ...certificateFiles, name: "certificate", keys: ["tls.crt", "tls.key"] });

/** What the collector reads: its settings, its login, and the certificate whose end it watches, without the key. */
const collectorFiles = [
  configuration(
    [
      { configMap: names.pooler, items: { "metrics.json": paths.collector } },
      { secret: names.monitoring, items: { password: paths.monitoringPassword } },
    ],
    "collector-configuration",
  ),
  secretFolder({ ...certificateFiles, name: "watched-certificate", keys: ["tls.crt"] }),
  metricsCertificate,
  temporary,
] as const;

/** Succeeds only if PgBouncer itself answers: the kernel accepts connections even for a process that hangs. */
const alive = ({ settings }: PoolerPodInput): string[] => [
  `${postgresBin(settings.imagePostgres)}/pg_isready`,
  ...["-q", "-h", paths.run, "-p", String(ports.pooler), "-d", "pgbouncer", "-U", "pgbouncer"],
];

/**
 * Before Kubernetes' own signal: clients leave, then SIGINT has PgBouncer finish its transactions, and the signal waits until it has
 * exited.
 */
const leave = ({ graceSeconds, settleSeconds }: Drain): string[] => [
  "/bin/sh",
  "-c",
  [
    `${image.howdah} drain-pooler --grace "${graceSeconds} seconds" --settle "${settleSeconds} seconds"`,
    `pid=$(cat ${paths.run}/pgbouncer.pid)`,
    "kill -INT $pid",
    "while kill -0 $pid; do sleep 0.2; done",
  ].join("\n"),
];

function pgbouncer(args: PoolerPodInput): core.v1.Container {
  const { input, settings, drain } = args;
  const clients = clientsPerPod(input.pooler.maxClientConnections, settings.poolers.min);
  return container({
    name: "pgbouncer",
    image: settings.image,
    command: [image.pgbouncer, paths.ini],
    ports: [{ name: "postgres", containerPort: ports.pooler }],
    size: poolerSize(clients),
    volumeMounts: [configFiles.mount, certificate.mount, run.mount],
    readinessProbe: { tcpSocket: { port: "postgres" }, periodSeconds: 5, timeoutSeconds: 3 },
    livenessProbe: { exec: { command: alive(args) }, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
    lifecycle: { preStop: { exec: { command: leave(drain) } } },
  });
}

const routeSize: Size = { cpu: [25, 500], memory: [96, 192] };

/** Started before PgBouncer and ended after it (restartPolicy Always): routes are kept while the pod drains, too. */
const route = ({ settings }: PoolerPodInput): core.v1.Container =>
  container({
    name: "route",
    image: settings.image,
    command: [image.howdah, "route", "--config", paths.route],
    restartPolicy: "Always",
    size: routeSize,
    volumeMounts: [configFiles.mount, certificate.mount, run.mount, temporary.mount],
  });

/** PgBouncer does not start without the file that it includes. */
const firstRoutes = ({ settings }: PoolerPodInput): core.v1.Container =>
  container({
    name: "first-routes",
    image: settings.image,
    command: [image.howdah, "route", "--config", paths.route, "--once", "--offline"],
    size: routeSize,
    volumeMounts: [configFiles.mount, run.mount, temporary.mount],
  });

/**
 * In the pod: the console answers to the pod alone, and Prometheus finds the pods, however many there are. As the monitoring login, which
 * can only read statistics over TCP; over the Unix socket it would be an admin.
 */
const collector = ({ settings }: PoolerPodInput): core.v1.Container =>
  collectorContainer({
    image: settings.image,
    command: [image.howdah, "serve-pooler-metrics", "--config", paths.collector],
    restartPolicy: "Always",
    size: { cpu: [10, 200], memory: [96, 192] },
    volumeMounts: collectorFiles.map(({ mount }) => mount),
  });

/** Zones strictly: the loss of one leaves the others' share. Nodes if it can be had. */
const spread = (stack: string): core.v1.TopologySpreadConstraint[] => {
  const common = { maxSkew: 1, labelSelector: { matchLabels: selectorOf(stack, "pooler") } };
  return [
    { ...common, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
    { ...common, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
  ];
};

/** The pod of a pooler: PgBouncer, what keeps its routes, and a collector of its metrics. */
export const poolerPod = (args: PoolerPodInput): core.v1.PodSpec =>
  pod({
    serviceAccountName: names.pooler,
    terminationGracePeriodSeconds: args.drain.terminationSeconds,
    topologySpreadConstraints: spread(args.input.stack),
    initContainers: [firstRoutes(args), route(args), collector(args)],
    containers: [pgbouncer(args)],
    volumes: [configFiles.volume, certificate.volume, run.volume, ...collectorFiles.map(({ volume }) => volume)],
  });
