import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { paths } from "../../components/kubernetes/kit/image";
import { ruleSettings } from "../../components/kubernetes/monitoring/collector";
import { catalogue } from "../../components/monitoring/catalogue";
import { ruleFile, type RuleGroup, ruleGroups } from "../../components/monitoring/rules";
import { remoteStackFileSchema } from "../../contracts/stack-file";
import { clusterSettings, fakeCloud, planFor, workloadsGraph } from "../support/clouds/fake-cloud";
import { secretWord } from "../support/graph";
import { type KubernetesObject, objectsOf, templateOf } from "../support/clouds/kubernetes-objects";

let objects: KubernetesObject[];

beforeAll(async () => {
  objects = objectsOf((await workloadsGraph({ settings: { clients: [{ namespace: "shop" }] } })).registrations);
});

const one = (kind: string, name: string): KubernetesObject =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)!;
const ofKind = (kind: string): KubernetesObject[] => objects.filter((object) => object.kind === kind);
const collectorFile = () => remoteStackFileSchema.parse(JSON.parse(one("ConfigMap", "collector").data!["job.json"]!));
const spec = (kind: string, name: string) => one(kind, name).spec;
const rulesOf = (graphObjects: readonly KubernetesObject[]) =>
  graphObjects.find(({ kind }) => kind === "PrometheusRule")!.spec as unknown as { groups: RuleGroup[] };
const alertsOf = ({ groups }: { groups: readonly RuleGroup[] }) =>
  new Set(groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])));

describe("the collector", () => {
  test("never runs twice at a time, and its pods go on with the same series", () => {
    expect(spec("Deployment", "collector")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    const [endpoint] = spec("PodMonitor", "collector")["podMetricsEndpoints"] as [
      { relabelings: object[]; metricRelabelings: object[] },
    ];
    expect(endpoint.relabelings).toEqual([
      { targetLabel: "stack", replacement: "test" },
      { targetLabel: "job", replacement: "collector" },
      { targetLabel: "instance", replacement: "collector" },
      { action: "labeldrop", regex: "pod|container|endpoint" },
    ]);
    expect(endpoint.metricRelabelings).toEqual([
      { sourceLabels: ["stack", "server"], separator: "/", regex: "(.+/.+)", targetLabel: "instance" },
    ]);
  });

  test("is scraped with a certificate of an authority that signs nothing else", () => {
    for (const component of ["collector", "pooler"]) {
      const [endpoint] = spec("PodMonitor", component)["podMetricsEndpoints"] as [object];
      expect(endpoint).toMatchObject({
        port: "metrics",
        scheme: "https",
        tlsConfig: {
          ca: { secret: { name: "metrics-scraper", key: "ca.crt" } },
          cert: { secret: { name: "metrics-scraper", key: "tls.crt" } },
          keySecret: { name: "metrics-scraper", key: "tls.key" },
        },
      });
    }
    const signed = ofKind("Certificate").filter(
      ({ spec: { issuerRef } }) => (issuerRef as { name: string }).name === "metrics-authority",
    );
    expect(new Map(signed.map(({ metadata, spec: { usages } }) => [metadata.name, usages]))).toEqual(
      new Map([
        ["metrics-certificate", ["server auth", "digital signature"]],
        ["metrics-scraper", ["client auth", "digital signature"]],
      ]),
    );
    expect(collectorFile().monitoring!.scraping).not.toHaveProperty("passwordFile");
    expect(objects.filter((object) => JSON.stringify(templateOf(object) ?? "").includes("metrics-scraper"))).toEqual(
      [],
    );
  });

  test("reads every server as the monitoring login, and the store as a role of its own", () => {
    const { server, monitoring } = collectorFile();
    expect(server).toMatchObject({ user: "howdah_monitoring", auth: { passwordFile: paths.monitoringPassword } });
    expect(monitoring!.servers).toEqual(
      ["node1", "node2", "node3"].map((name) => ({ name, host: `${name}.db.example.com`, port: 5432 })),
    );
    expect(one("ServiceAccount", "collector").metadata.annotations).toEqual({
      role: "metrics for howdah/collector",
    });
  });
});

/** What the collector's pod reads, by object. */
const readBy = (object: KubernetesObject) =>
  templateOf(object)!.spec.volumes.flatMap(({ projected }) =>
    (projected?.sources ?? []).flatMap((source) =>
      Object.values(source).map(({ name, items, optional }) => ({ name, items, optional: optional === true })),
    ),
  );

const ofProbe = [
  "WriteProbeFailing",
  "ReadProbeFailing",
  "ProbeLatency",
  "RouteWrong",
  "ErrorBudgetGoneInTwoDays",
  "ErrorBudgetGoneInAMonth",
];

describe("the availability probe", () => {
  test("goes through the Service by both routes, and verifies a name that the certificate bears", () => {
    const { probe, sets } = collectorFile().monitoring!;
    expect(probe).toEqual({
      host: "pooler.howdah.svc",
      port: 6432,
      authority: "/etc/howdah/pooler-authority.pem",
      user: "howdah_probe",
      passwordFile: "/etc/howdah/probe-password",
      readWrite: "app",
      readOnly: "app_ro",
    });
    expect(sets).toContain("probe");
    expect(spec("Certificate", "pooler-certificate")["dnsNames"]).toContain(probe!.host);
  });

  test.each([
    ["of the stack's own", {}],
    ["that the settings name", { issuer: { name: "company" } }],
  ])(
    "has a password of its own, and the authority from the poolers' certificate, by an issuer %s",
    async (_, settings) => {
      const { registrations } = await workloadsGraph({ settings });
      const found = objectsOf(registrations);
      const read = readBy(found.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "collector")!);
      expect(read).toEqual(
        expect.arrayContaining([
          { name: "probe-login", items: [{ key: "password", path: "probe-password" }], optional: false },
          // Without the private key. Without the authority the rest is collected.
          { name: "pooler-certificate", items: [{ key: "ca.crt", path: "pooler-authority.pem" }], optional: true },
        ]),
      );
      expect(read.filter(({ name }) => name === "pooler-certificate")).toHaveLength(1);
      const secret = found.find(({ kind, metadata }) => kind === "Secret" && metadata.name === "probe-login");
      expect(secret?.stringData).toEqual({ password: `${secretWord}howdah_probe-password` });
    },
  );

  test("is known to PgBouncer, and begins after it", async () => {
    expect(one("Secret", "pooler").stringData!["userlist.txt"]).toMatch(/^"howdah_probe" ".*howdah_probe-verifier"$/m);
    const { registrations } = await workloadsGraph();
    const deployment = registrations.find(({ name }) => name === "workloads-collector-pod")!;
    expect(deployment.dependencies).toContain("workloads-pooler-service");
  });

  test("has its alerts, and is left out with them if max_connections has no room for it", async () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
    const { maxConnections, poolers } = planFor().budget;
    const figure = (room: number) => (keys: Record<string, unknown>) => {
      keys["postgres"] = { ...(keys["postgres"] as object), parameters: { max_connections: room } };
    };
    expect([...alertsOf(rulesOf(objects))]).toEqual(expect.arrayContaining(ofProbe));
    const found = objectsOf((await workloadsGraph({ plan: figure(maxConnections - 2 * poolers) })).registrations);
    expect(ofProbe.filter((alert) => alertsOf(rulesOf(found)).has(alert))).toEqual([]);
    const named = found.filter((object) => /howdah_probe|probe-(login|password)/.test(JSON.stringify(object)));
    // Its file refuses the login.
    expect(named.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(["ConfigMap pooler"]);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining("max_connections has no room")]);
    warn.mockRestore();
  });
});

describe("the alerts", () => {
  const settings = () =>
    ruleSettings({
      input: planFor(),
      cloud: fakeCloud(),
      settings: clusterSettings({ clients: [{ namespace: "shop" }] }),
    });

  test("are the groups of the rule file for the same settings", () => {
    expect(rulesOf(objects)).toEqual(parse(ruleFile(ruleGroups(settings()))));
    expect(rulesOf(objects)).not.toEqual(parse(ruleFile(ruleGroups({ ...settings(), rto: 7 }))));
  });

  test("are about what is collected here: those on anything else are absent", () => {
    const collected = new Set<string>([...collectorFile().monitoring!.sets, "pooler", "certificates", "targets"]);
    expect([...settings().sources, "targets"].filter((source) => !collected.has(source))).toEqual([]);
    const read = catalogue(settings()).flatMap(({ expr }) => expr.sources);
    expect(read.filter((source) => !collected.has(source))).toEqual([]);
    const names = alertsOf(rulesOf(objects));
    expect(names.size).toBeGreaterThan(70);
    for (const name of ["PostgresDown", "NoWriter", "ReplicationLagSeconds", "ClientsWaiting", "CertificateExpiry"])
      expect(names).toContain(name);
    for (const name of ["BackupFailed", "DrillOverdue", "ArchiveFailing", "RoleUnlimited", "MetricsMissing"])
      expect(names).toContain(name);
    // Of a machine, of its files, and of two writers, which a service does not have.
    for (const name of [
      "WalDirectory",
      "ArchiveBacklog",
      "ServiceDown",
      "AuthFailures",
      "PoolErrors",
      "ConfigFileError",
    ])
      expect(names).not.toContain(name);
    for (const name of ["RepositorySpace", "RecoveryWindowShort", "DrillRpo", "TableBloat"])
      expect(names).not.toContain(name);
    for (const name of ["SplitBrain", "PatroniDown", "EtcdNoQuorum", "HaproxyDown", "DiskSpace", "RulesFailing"])
      expect(names).not.toContain(name);
  });

  test("leave out more of a service that gives less, and the collector does not ask for it", async () => {
    const less = await workloadsGraph({ cloud: { unmeasured: ["wal", "wal files", "replication"] } });
    const found = objectsOf(less.registrations);
    const names = alertsOf(rulesOf(found));
    for (const name of ["ReplicationLagSeconds", "SlotLost", "FailoverHappened", "ArchiveFailing"])
      expect([name, names.has(name), alertsOf(rulesOf(objects)).has(name)]).toEqual([name, false, true]);
    const file = found.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "collector")!;
    expect(remoteStackFileSchema.parse(JSON.parse(file.data!["job.json"]!)).monitoring!.sets).not.toContain("wal");
  });

  test("know drills only if the stack can try its dumps", async () => {
    const recipient = `age1${"q".repeat(58)}`;
    const without = await workloadsGraph({ plan: (keys) => (keys["backup"] = { logical: { recipient } }) });
    const names = alertsOf(rulesOf(objectsOf(without.registrations)));
    expect([names.has("DrillOverdue"), names.has("BackupFailed")]).toEqual([false, true]);
  });

  test("bear the labels that Prometheus selects rules by", async () => {
    const labelled = await workloadsGraph({ settings: { monitorLabels: { release: "prometheus" } } });
    const found = objectsOf(labelled.registrations).filter(({ kind }) =>
      ["PrometheusRule", "PodMonitor"].includes(kind),
    );
    expect(found).toHaveLength(3);
    for (const { metadata } of found) expect(metadata.labels["release"]).toBe("prometheus");
  });
});
