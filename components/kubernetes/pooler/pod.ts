import type { core } from "@pulumi/kubernetes/types/input";
import { dirname } from "node:path";
import type { PlatformInput } from "../../ports";
import { consoleConnection } from "./console-login";
import type { Drain } from "./drain";
import { image, paths, ports, postgresBin } from "../kit/image";
import { names, selectorOf } from "../kit/names";
import { clientsPerPod } from "./files";
import { configuration, container, memoryFolder, pod, type Size, temporary } from "../kit/pods";
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
const certificate: core.v1.Volume = {
  name: "certificate",
  secret: { secretName: names.certificate, defaultMode: 0o440, items: ["tls.crt", "tls.key"].map(asItem) },
};
const certificateMount: core.v1.VolumeMount = {
  name: "certificate",
  mountPath: paths.certificateFolder,
  readOnly: true,
};

/**
 * The exporter's driver takes a pgpass file that is its user's alone. A volume's Secret belongs to root, and to the group of the
 * pods, which has to read it: so the pod makes a copy.
 */
const login = {
  configFiles: {
    volume: {
      name: "monitoring-login",
      secret: { secretName: names.monitoring, defaultMode: 0o440, items: [asItem("pgpass")] },
    },
    mount: { name: "monitoring-login", mountPath: dirname(paths.mountedLogin), readOnly: true },
  },
  own: memoryFolder("exporter-login", dirname(paths.exporterLogin), 1),
};

function asItem(key: string): core.v1.KeyToPath {
  return { key, path: key };
}

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
    volumeMounts: [configFiles.mount, certificateMount, run.mount],
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
    volumeMounts: [configFiles.mount, certificateMount, run.mount, temporary.mount],
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

const exporterLogin = ({ settings }: PoolerPodInput): core.v1.Container =>
  container({
    name: "exporter-login",
    image: settings.image,
    command: ["/usr/bin/install", "-m", "0600", paths.mountedLogin, paths.exporterLogin],
    size: { cpu: [10, 100], memory: [16, 32] },
    volumeMounts: [login.configFiles.mount, login.own.mount],
  });

/** As the monitoring login, which can only read statistics over TCP; over the Unix socket it would be an admin. */
const exporter = ({ settings }: PoolerPodInput): core.v1.Container =>
  container({
    name: "exporter",
    image: settings.exporters.pgbouncer,
    args: [`--web.listen-address=:${ports.poolerMetrics}`, `--pgBouncer.connectionString=${consoleConnection}`],
    env: [{ name: "PGPASSFILE", value: paths.exporterLogin }],
    restartPolicy: "Always",
    ports: [{ name: "metrics", containerPort: ports.poolerMetrics }],
    size: { cpu: [10, 200], memory: [32, 64] },
    volumeMounts: [{ ...login.own.mount, readOnly: true }],
    livenessProbe: { tcpSocket: { port: "metrics" }, periodSeconds: 30, timeoutSeconds: 5 },
  });

/** Zones strictly: the loss of one leaves the others' share. Nodes if it can be had. */
const spread = (stack: string): core.v1.TopologySpreadConstraint[] => {
  const common = { maxSkew: 1, labelSelector: { matchLabels: selectorOf(stack, "pooler") } };
  return [
    { ...common, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
    { ...common, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
  ];
};

/** The pod of a pooler: PgBouncer, what keeps its routes, and its exporter. */
export const poolerPod = (args: PoolerPodInput): core.v1.PodSpec =>
  pod({
    serviceAccountName: names.pooler,
    terminationGracePeriodSeconds: args.drain.terminationSeconds,
    topologySpreadConstraints: spread(args.input.stack),
    initContainers: [firstRoutes(args), route(args), exporterLogin(args), exporter(args)],
    containers: [pgbouncer(args)],
    volumes: [
      configFiles.volume,
      certificate,
      run.volume,
      temporary.volume,
      login.configFiles.volume,
      login.own.volume,
    ],
  });
