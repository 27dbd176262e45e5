import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kept, Talk } from "../../../simulation/talk";
import { World } from "../../../simulation/world";
import { kubernetesPlugin } from "../../../simulation/kubernetes/plugin";

let world: World;
let cluster: Talk;

beforeEach(async () => {
  world = new World(mkdtempSync(join(tmpdir(), "howdah-world-")));
  cluster = await Talk.start(kubernetesPlugin(world));
});
afterEach(async () => {
  await cluster.stop();
  rmSync(world.root, { recursive: true });
});

const deployment = (image: string, app = "a") => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app } },
    template: { spec: { containers: [{ name: "web", image }] } },
  },
});
const make = (object: { apiVersion: string; kind: string }, name: string): Promise<Kept> =>
  cluster.create(
    `kubernetes:${object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`}:${object.kind}`,
    name,
    object,
  );

test("an object keeps what it was given, and gets what a cluster adds", async () => {
  const { id, state } = await make(deployment("web:1"), "web");
  expect(id).toBe("default/web");
  expect(state).toMatchObject(deployment("web:1"));
  expect(state["status"]).toMatchObject({ readyReplicas: 3 });
  expect((state["metadata"] as { uid: string }).uid).toMatch(/^[0-9a-f-]{36}$/);
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { ports: [{ port: 1 }] } };
  const made = await make(service, "s");
  expect((made.state["spec"] as { clusterIP: string }).clusterIP).toMatch(/^10\.96\./);
});

test("custom resources are taken as they are", async () => {
  const { id } = await make({ apiVersion: "cert-manager.io/v1", kind: "Certificate" }, "tls");
  expect(id).toMatch(/^default\/tls-[0-9a-f]{8}$/);
});

test("a made-up name stays, and is new for a replacement", async () => {
  const map = { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } };
  const kept = await make(map, "files");
  const name = (inputs: Record<string, unknown>) => (inputs["metadata"] as { name: string }).name;
  expect(name(await cluster.check(kept.urn, map, kept.inputs))).toBe(name(kept.inputs));
  expect(name(await cluster.check(kept.urn, map))).not.toBe(name(kept.inputs));
  expect(await cluster.diff(kept, { ...map, data: { a: "2" } })).toEqual({ data: "replace" });
  expect(await cluster.deletesFirst(kept, { ...map, metadata: { name: "files-0" }, data: { a: "2" } })).toBe(false);
});

test("what the API server never changes is replaced, the old one first, and the rest is updated", async () => {
  const kept = await make(deployment("web:1"), "web");
  expect(await cluster.diff(kept, deployment("web:1"))).toEqual({});
  expect(await cluster.diff(kept, deployment("web:2"))).toEqual({ spec: "update" });
  expect(await cluster.diff(kept, deployment("web:1", "b"))).toEqual({ "spec.selector": "replace" });
  expect(await cluster.deletesFirst(kept, deployment("web:1", "b"))).toBe(true);
  const elsewhere = { ...deployment("web:1"), metadata: { name: "web", namespace: "kube-system" } };
  expect(await cluster.diff(kept, elsewhere)).toEqual({ "metadata.namespace": "replace" });
});

test("ConfigMaps change in place if the provider is configured so", async () => {
  await cluster.stop();
  cluster = await Talk.start(kubernetesPlugin(world), { enableConfigMapMutable: "true" });
  const map = { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } };
  expect(await cluster.diff(await make(map, "files"), { ...map, data: { a: "2" } })).toEqual({ data: "update" });
});

test("a missing Secret is found if a Certificate asks for it, as cert-manager would have made it", async () => {
  const spec = { secretName: "tls-of-web" };
  await make({ apiVersion: "cert-manager.io/v1", kind: "Certificate", ...{ metadata: { name: "tls" }, spec } }, "tls");
  const read = (id: string) =>
    cluster.read({ urn: "urn:pulumi:stack::howdah::kubernetes:core/v1:Secret::read", id, inputs: {}, state: {} });
  const { data } = (await read("default/tls-of-web"))!.state as { data: Record<string, string> };
  expect(Buffer.from(data["ca.crt"]!, "base64").toString()).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(await read("default/another")).toBeUndefined();
});

test("an object needs its namespace", async () => {
  const inside = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "a", namespace: "apart" } };
  await expect(make(inside, "a")).rejects.toThrow('namespaces "apart" not found');
  await make({ apiVersion: "v1", kind: "Namespace", ...{ metadata: { name: "apart" } } }, "apart");
  expect((await make(inside, "a")).id).toBe("apart/a");
});

test("drift shows where the program says something, and an added annotation is the cluster's own", async () => {
  const kept = await make(deployment("web:1"), "web");
  const type = "kubernetes:apps/v1:Deployment";
  const { metadata } = kept.state as { metadata: object };
  world.edit(type, "web", { metadata: { ...metadata, annotations: { "deployment.kubernetes.io/revision": "2" } } });
  expect(await cluster.diff((await cluster.read(kept))!, deployment("web:1"))).toEqual({});
  world.edit(type, "web", { spec: { ...deployment("web:1").spec, replicas: 1 } });
  expect(await cluster.diff((await cluster.read(kept))!, deployment("web:1"))).toEqual({ spec: "update" });
});

test("a token of another package is refused by name", async () => {
  await expect(cluster.create("kubernetes:helm.sh/v3:Chart/Release", "r", {})).rejects.toThrow("no resource type");
});
