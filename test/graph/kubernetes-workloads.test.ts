import * as pulumi from "@pulumi/pulumi";
import { formerIdentity, identitiesIn } from "../../components/backup/age-identity";
import { paths } from "../../components/kubernetes/kit/image";
import { authorityIn } from "../../components/kubernetes/pooler/certificates";
import { KubernetesWorkloads } from "../../components/kubernetes/workloads";
import type { JobLogins, Server } from "../../components/ports";
import { poolerCollectorSchema } from "../../contracts/collector";
import { remoteStackFileSchema } from "../../contracts/stack-file";
import { type Graph, graphOf, hidden, type Registration, secretWord } from "../support/graph";
import { clusterSettings, fakeCloud, planFor, workloadsGraph } from "../support/clouds/fake-cloud";
import {
  containersOf,
  type KubernetesObject,
  laxities,
  objectsOf,
  schemaErrors,
  templateOf,
} from "../support/clouds/kubernetes-objects";

let graph: Graph<Awaited<ReturnType<typeof workloadsGraph>>["result"]>;
let objects: KubernetesObject[];

beforeAll(async () => {
  graph = await workloadsGraph({ settings: { clients: [{ namespace: "shop" }] } });
  objects = objectsOf(graph.registrations);
});

const one = (kind: string, name: string): KubernetesObject =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)!;
const ofKind = (kind: string): KubernetesObject[] => objects.filter((object) => object.kind === kind);
const pods = () =>
  objects.flatMap((object) => {
    const template = templateOf(object);
    return template === undefined ? [] : [{ name: object.metadata.name, ...template }];
  });
const pooler = () => templateOf(one("StatefulSet", "pooler"))!.spec;

describe("every object", () => {
  test("is what the API's own schema says, custom resources too", () => {
    expect(objects.flatMap(schemaErrors)).toEqual([]);
  });

  test("would be found wrong with a field that the API does not know, one of the wrong type, or one left out", () => {
    const broken = structuredClone(one("Certificate", "pooler-certificate"));
    Object.assign(broken.spec, { secretNam: "x", duration: 90 });
    delete broken.spec["issuerRef"];
    const set = structuredClone(one("StatefulSet", "pooler"));
    Object.assign(templateOf(set)!.spec.containers[0]!, { imagePullPolice: "Always" });
    expect([...schemaErrors(broken), ...schemaErrors(set)].map((error) => error.replace(/^.*: /, ""))).toEqual([
      expect.stringContaining("issuerRef"),
      expect.stringContaining("secretNam"),
      expect.stringContaining("must be string"),
      expect.stringContaining("imagePullPolice"),
    ]);
  });

  test("has a fixed name, the recommended labels, and is in the stack's namespace", () => {
    for (const { kind, metadata } of objects) {
      expect(metadata.name).toMatch(/^[a-z0-9-]+$/);
      if (kind !== "Namespace") expect(metadata.namespace).toBe("howdah");
      for (const label of ["name", "instance", "part-of", "managed-by"])
        expect(metadata.labels).toHaveProperty([`app.kubernetes.io/${label}`]);
    }
    expect(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(objects.length);
  });

  test("goes through the provider of the cluster that the settings name", () => {
    const provider = graph.registrations.find(({ type }) => type === "pulumi:providers:kubernetes")!;
    expect(provider.inputs["context"]).toBe("test");
    const others = graph.registrations.filter(
      ({ type, dependencies }) => type.startsWith("kubernetes:") && !dependencies.includes(provider.name),
    );
    expect(others).toEqual([]);
  });
});

describe("every pod", () => {
  test("keeps to Kubernetes' restricted profile, and to our own rules", () => {
    expect(pods().length).toBeGreaterThan(6);
    for (const { name, spec } of pods()) expect([name, laxities(spec)]).toEqual([name, []]);
  });

  test("would be found lax", () => {
    const lax = structuredClone(pooler());
    const container = lax.containers[0]!;
    Object.assign(container, { image: "howdah", resources: { requests: {}, limits: {} } });
    Object.assign(container.securityContext, { runAsUser: 0, readOnlyRootFilesystem: false, capabilities: {} });
    Object.assign(lax, { automountServiceAccountToken: true });
    expect(laxities(lax)).toHaveLength(6);
  });

  test("refers only to ConfigMaps, Secrets, keys and accounts that are made, or that cert-manager or the team makes", () => {
    const elsewhere = ["Secret pooler-certificate", "Secret metrics-certificate", "Secret notify"];
    const made = new Map(
      objects.map(({ kind, metadata, data, stringData }) => [
        `${kind} ${metadata.name}`,
        Object.keys(data ?? stringData ?? {}),
      ]),
    );
    for (const { spec } of pods()) {
      expect([...made.keys()]).toContain(`ServiceAccount ${spec.serviceAccountName}`);
      for (const source of spec.volumes.flatMap(({ projected }) => projected?.sources ?? [])) {
        for (const [kind, { name, items }] of Object.entries(source)) {
          const key = `${kind === "secret" ? "Secret" : "ConfigMap"} ${name}`;
          if (!elsewhere.includes(key))
            expect(made.get(key)).toEqual(expect.arrayContaining(items.map((item) => item.key)));
        }
      }
    }
  });

  test("mounts volumes that it has", () => {
    for (const { spec } of pods()) {
      const volumes = spec.volumes.map(({ name }) => name);
      const mounts = containersOf(spec).flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
      expect(volumes).toEqual(expect.arrayContaining(mounts));
    }
  });

  test("is found by the selector of its owner, and by one network policy in addition to the one that closes all", () => {
    const policies = ofKind("NetworkPolicy").map(
      ({ spec }) => (spec["podSelector"] as { matchLabels?: Record<string, string> }).matchLabels,
    );
    const matches = (selector: object | undefined, labels: Record<string, string>): boolean =>
      Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
    for (const { labels } of pods()) expect(policies.filter((selector) => matches(selector, labels))).toHaveLength(2);
    for (const object of [...ofKind("Deployment"), ...ofKind("StatefulSet")]) {
      const { matchLabels } = object.spec["selector"] as { matchLabels: Record<string, string> };
      expect(
        pods()
          .filter(({ labels }) => matches(matchLabels, labels))
          .map(({ name }) => name),
      ).toEqual([object.metadata.name]);
    }
  });
});

describe("the pooler", () => {
  test("is a StatefulSet, whose pods never overlap with their replacements, and says not how many there are", () => {
    const { spec } = one("StatefulSet", "pooler");
    expect(spec).toMatchObject({ podManagementPolicy: "Parallel", updateStrategy: { type: "RollingUpdate" } });
    expect(spec).not.toHaveProperty("replicas");
    expect(one("HorizontalPodAutoscaler", "pooler").spec).toMatchObject({ minReplicas: 3, maxReplicas: 4 });
  });

  test("has its routes written before PgBouncer starts, and kept until after it ends", () => {
    const [first, route] = pooler().initContainers!;
    expect(first!.command!.slice(-2)).toEqual(["--once", "--offline"]);
    expect(first!.restartPolicy).toBeUndefined();
    expect(route).toMatchObject({ name: "route", restartPolicy: "Always" });
  });

  test("ends by waiting for its clients, then for its transactions, and only then for Kubernetes", () => {
    const { lifecycle } = pooler().containers[0]!;
    const script = lifecycle!.preStop.exec.command[2]!.split("\n");
    expect(script[0]).toMatch(/drain-pooler --grace "1860 seconds" --settle "15 seconds"$/);
    expect(script.slice(-2)).toEqual(["kill -INT $pid", "while kill -0 $pid; do sleep 0.2; done"]);
    expect(pooler().terminationGracePeriodSeconds).toBeGreaterThan(1860);
  });

  test("is no place where the collector is master: it comes by TCP, sees no socket and no key, and has a login of its own", () => {
    const collector = pooler().initContainers!.find(({ name }) => name === "collector")!;
    expect(collector.restartPolicy).toBe("Always");
    const volumes = pooler().volumes.filter(({ name }) => collector.volumeMounts.some((mount) => mount.name === name));
    const held = volumes.flatMap(({ secret, projected }) => [
      ...(secret === undefined ? [] : secret.items.map(({ key }) => `${secret.secretName} ${key}`)),
      ...(projected?.sources ?? []).flatMap((source) =>
        Object.values(source).flatMap(({ name, items }) => items.map(({ key }) => `${name} ${key}`)),
      ),
    ]);
    expect(held.sort()).toEqual([
      "metrics-certificate ca.crt",
      "metrics-certificate tls.crt",
      "metrics-certificate tls.key",
      "monitoring-login password",
      "pooler metrics.json",
      "pooler-certificate tls.crt",
    ]);
    const settings = poolerCollectorSchema.parse(JSON.parse(one("ConfigMap", "pooler").data!["metrics.json"]!));
    expect(settings.console).toEqual({
      host: "127.0.0.1",
      port: 6432,
      user: "howdah_monitoring",
      passwordFile: "/etc/howdah/monitoring-password",
    });
    expect(one("Secret", "monitoring-login").stringData).toEqual({
      password: `${secretWord}howdah_monitoring-password`,
    });
  });

  test("shows the authority of its certificate to clients, without any key", async () => {
    expect(one("ConfigMap", "pooler-authority").data).toEqual({ "ca.crt": "public-part" });
    expect(await pulumi.isSecret(graph.result.authority!)).toBe(false);
    expect(() => authorityIn({ "tls.crt": "x" })).toThrow("has no ca.crt");
  });

  test("is spread over zones, strictly, and over nodes; one at most is taken away on purpose", () => {
    expect(pooler().topologySpreadConstraints).toEqual([
      expect.objectContaining({ topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" }),
      expect.objectContaining({ topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" }),
    ]);
    expect(one("PodDisruptionBudget", "pooler").spec).toMatchObject({ maxUnavailable: 1 });
  });

  test("has a certificate for the name that clients use", () => {
    const { spec } = one("Certificate", "pooler-certificate");
    expect(graph.result.endpoint).toBe("pooler.howdah.svc");
    expect(spec["dnsNames"]).toContain(graph.result.endpoint);
    expect(spec).toMatchObject({ duration: "2160h", renewBefore: "720h", issuerRef: { name: "pooler-authority" } });
  });
});

describe("secrets", () => {
  test("are seen nowhere in the graph, and in Secrets alone when it is unlocked", () => {
    expect(JSON.stringify(graph.registrations.map(({ inputs }) => hidden(inputs)))).not.toContain(secretWord);
    const telling = objects.filter((object) => JSON.stringify(object).includes(secretWord));
    expect(telling.length).toBeGreaterThan(0);
    expect(new Set(telling.map(({ kind }) => kind))).toEqual(new Set(["Secret"]));
  });

  test("reach pods as files, never in their environment or command", () => {
    const containers = pods().flatMap(({ spec }) => containersOf(spec));
    expect(containers.flatMap(({ env = [] }) => env).filter(({ valueFrom }) => valueFrom !== undefined)).toEqual([]);
  });

  test("that cannot be made again are protected", async () => {
    expect(await pulumi.isSecret(graph.result.key)).toBe(true);
    const seed = graph.registrations.find(({ name }) => name === "workloads-jobs-dumps-seed");
    expect(seed).toMatchObject({ type: "random:index/randomPassword:RandomPassword", kept: true });
  });

  test("the private key of the dumps is given to the drill alone; the others know the public one", () => {
    const holders = pods().filter(({ spec }) => JSON.stringify(spec).includes("dumps-key"));
    expect(holders.map(({ name }) => name).sort()).toEqual(["drill"]);
    const logical = (job: string): unknown =>
      (JSON.parse(one("ConfigMap", `job-${job}`).data!["job.json"]!) as { logical: unknown }).logical;
    expect(logical("drill")).toMatchObject({ identityFile: paths.dumpsKey });
    for (const job of ["dump", "maintenance"])
      expect(logical(job)).toEqual({
        destination: expect.anything() as object,
        recipient: expect.stringMatching(/^age1/) as string,
      });
    expect(collectorFile().logical).toEqual({ destination: expect.anything() as object });
  });
});

const collectorFile = () => remoteStackFileSchema.parse(JSON.parse(one("ConfigMap", "collector").data!["job.json"]!));
describe("jobs", () => {
  test("never run twice at a time, end, and act as their own role", () => {
    for (const { metadata, spec } of ofKind("CronJob")) {
      expect(spec).toMatchObject({ concurrencyPolicy: "Forbid", timeZone: "Etc/UTC" });
      const job = (spec["jobTemplate"] as { spec: Record<string, unknown> }).spec;
      expect([metadata.name, Number(job["activeDeadlineSeconds"]) > 0]).toEqual([metadata.name, true]);
    }
    expect(one("ServiceAccount", "drill").metadata.annotations).toEqual({ role: "drill for howdah/drill" });
    expect(templateOf(one("CronJob", "drill"))!.spec.serviceAccountName).toBe("drill");
  });

  const withJobs = (jobs: JobLogins | undefined): Promise<typeof graph> => {
    const server: { -readonly [Key in keyof Server]: Server[Key] } = { ...fakeCloud().server };
    delete server.jobs;
    return workloadsGraph({ cloud: { server: jobs === undefined ? server : { ...server, jobs } } });
  };
  const holders = (registrations: readonly Registration[], secret: string) =>
    objectsOf(registrations)
      .filter((object) => JSON.stringify(templateOf(object)?.spec ?? {}).includes(`"${secret}"`))
      .map(({ metadata }) => metadata.name)
      .sort();

  test("without tokens have a password in a file, each its own, and none has one that logs in nowhere", async () => {
    const { registrations } = await withJobs({});
    expect(objectsOf(registrations).flatMap(schemaErrors)).toEqual([]);
    expect(holders(registrations, "dump-login")).toEqual(["dump", "dump-schema"]);
    expect(holders(registrations, "maintenance-login")).toEqual(["maintenance", "maintenance-reindex"]);
    const secrets = objectsOf(registrations).filter(
      ({ kind, metadata }) => kind === "Secret" && /^(dump|main|drill).*-login$/.test(metadata.name),
    );
    expect(secrets.map(({ metadata, stringData }) => [metadata.name, stringData!["password"]])).toEqual([
      ["dump-login", `${secretWord}howdah_dump-password`],
      ["maintenance-login", `${secretWord}howdah_maintenance-password`],
    ]);
    expect(holders(graph.registrations, "dump-login")).toEqual([]);
  });

  test("have to have logins", async () => {
    await expect(withJobs(undefined)).rejects.toThrow("provides no logins for jobs");
  });
});

const names = ({ registrations }: { registrations: readonly Registration[] }) =>
  registrations.map(({ name }) => name).sort();

test("what is made does not depend on what only the servers know: a preview shows all of it", async () => {
  expect(names(await workloadsGraph({ settings: { clients: [{ namespace: "shop" }] } }, true))).toEqual(names(graph));
});

test("names stay where labels and sizes change", async () => {
  const settings = { monitorLabels: { release: "prometheus" }, poolers: { max: 6 } };
  expect(
    names(await workloadsGraph({ settings, plan: (keys) => (keys["pooler"] = { maxClientConnections: 50 }) })),
  ).toEqual(names(graph));
});

test("an issuer of the cluster's takes the place of an authority of the stack's own", async () => {
  const given = objectsOf((await workloadsGraph({ settings: { issuer: { name: "corporate" } } })).registrations);
  expect(given.filter(({ kind, metadata }) => kind === "Issuer" && !metadata.name.startsWith("metrics-"))).toEqual([]);
  expect(given.filter(({ metadata }) => metadata.name === "pooler-authority")).toEqual([]);
  const certificate = given.find(
    ({ kind, metadata }) => kind === "Certificate" && metadata.name === "pooler-certificate",
  );
  expect(certificate!.spec["issuerRef"]).toMatchObject({ name: "corporate", kind: "ClusterIssuer" });
});

test("with a recipient of the config's, the stack makes no key and tries out no dump", async () => {
  const recipient = `age1${"q".repeat(58)}`;
  const given = await workloadsGraph({ plan: (keys) => (keys["backup"] = { logical: { recipient } }) });
  expect(names(given)).not.toContain("workloads-jobs-dumps-seed");
  expect(names(given)).not.toContain("workloads-jobs-drill-schedule");
});

describe("a key of the dumps that follows another one", () => {
  const former = formerIdentity(Buffer.alloc(32, "former").toString("base64"));
  const rotated = (formerSeed: boolean, preview = false) =>
    workloadsGraph({ earlierKeys: () => ({ identities: pulumi.secret([former]), formerSeed }) }, preview);
  const seeds = ({ registrations }: { registrations: readonly Registration[] }) =>
    registrations
      .filter(({ name }) => name === "workloads-jobs-dumps-seed")
      .map(({ type, kept, inputs }) => [type.split(":").at(-1), kept, inputs]);
  const password = ["RandomPassword", true, { length: 48, special: false }];

  test("is above it in the Secret and in the output, both of them secret", async () => {
    const { registrations, result } = await rotated(false);
    expect(await pulumi.isSecret(result.key)).toBe(true);
    const file = await new Promise<string>((resolve) => result.key.apply(resolve));
    expect(identitiesIn(file)).toEqual([expect.not.stringContaining(former), former]);
    const secret = objectsOf(registrations).find(({ metadata }) => metadata.name === "dumps-key")!;
    expect(secret.stringData).toEqual({ "dumps.key": file });
    expect(JSON.stringify(registrations.map(({ inputs }) => hidden(inputs)))).not.toContain(former);
    const recipients = (of: readonly Registration[]) =>
      JSON.stringify(of.map(({ inputs }) => inputs)).match(/age1\w{58}/g);
    expect(recipients(registrations)).toEqual(recipients(graph.registrations));
  });

  test("has the former seed registered without its protection while it is in the state, in a preview too, and never else", async () => {
    const seed = ["RandomBytes", undefined, { length: 32 }];
    expect(seeds(await rotated(true))).toEqual([seed, password]);
    expect(seeds(await rotated(true, true))).toEqual([seed, password]);
    for (const one of [await rotated(false), graph]) expect(seeds(one)).toEqual([password]);
  });
});

test("a missing login is named", async () => {
  const without = { passwords: {}, verifiers: {}, current: {}, sessionSettings: {}, ready: [] };
  const orphaned = graphOf(() =>
    new KubernetesWorkloads("workloads", { input: planFor(), settings: clusterSettings() }).pooler(
      fakeCloud(),
      without,
    ),
  );
  await expect(orphaned).rejects.toThrow("Access made no login howdah_monitoring");
});
