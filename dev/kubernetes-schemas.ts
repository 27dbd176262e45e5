import { checkout } from "../lib/paths";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { capture } from "../lib/process/attended";
import { isRecord } from "../lib/values";

/**
 * Writes the schemas of the objects that the Kubernetes adapter makes into one file, by which tests check them offline. They
 * come from the Go modules of Kubernetes, cert-manager and the Prometheus operator. Run it for a newer API or another kind.
 */
const schemasFile = join(checkout, "test", "support", "clouds", "kubernetes-schemas.json");

type Schema = { readonly [key: string]: unknown };

const kinds = [
  "apps/v1 Deployment",
  "apps/v1 StatefulSet",
  "autoscaling/v2 HorizontalPodAutoscaler",
  "batch/v1 CronJob",
  "networking.k8s.io/v1 NetworkPolicy",
  "policy/v1 PodDisruptionBudget",
  "v1 ConfigMap",
  "v1 Namespace",
  "v1 Secret",
  "v1 Service",
  "v1 ServiceAccount",
];
const api = { module: "k8s.io/kubernetes@v1.34.2", file: "api/openapi-spec/swagger.json" };
const operator = "github.com/prometheus-operator/prometheus-operator@v0.85.0";
const certManager = "github.com/cert-manager/cert-manager@v1.21.2";
const definitions = [
  { module: operator, file: "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml" },
  { module: operator, file: "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml" },
  { module: certManager, file: "deploy/crds/cert-manager.io_certificates.yaml" },
  { module: certManager, file: "deploy/crds/cert-manager.io_issuers.yaml" },
];

/** Text of a file inside a Go module. */
function readModule({ module, file }: { module: string; file: string }): string {
  const { stdout, stderr } = capture({ program: "go", args: ["mod", "download", "-json", module] });
  const dir = /"Dir": "([^"]+)"/.exec(stdout)?.[1];
  if (dir === undefined) throw new Error(`${module} cannot be downloaded: ${stdout}${stderr}`);
  return readFileSync(join(dir, file), "utf8");
}

/** Words of a schema that say what is valid; others are for readers, or rules in another language. */
const kept = ["$ref", "type", "required", "enum", "items", "properties", "additionalProperties", "pattern"];
const limits = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];

/** Case is ignored by a flag inside the pattern in Go, and by none in JavaScript. */
const isForeign = (key: string, value: unknown): boolean => key === "pattern" && String(value).includes("(?i)");

const mapped = (value: Record<string, unknown>, change: (inner: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));

/** The schema, so strict that a field which it does not know is an error. */
function strict(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  if (schema["format"] === "int-or-string" || schema["x-kubernetes-int-or-string"] === true)
    return { type: ["integer", "string"] };
  const { properties, items, additionalProperties } = schema;
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true;
  return {
    ...Object.fromEntries(
      Object.entries(schema).filter(([key, value]) => [...kept, ...limits].includes(key) && !isForeign(key, value)),
    ),
    ...(isRecord(properties) ? { properties: mapped(properties, strict) } : {}),
    ...(items === undefined ? {} : { items: strict(items) }),
    ...(isRecord(additionalProperties) ? { additionalProperties: strict(additionalProperties) } : {}),
    ...(isRecord(properties) && additionalProperties === undefined && !open ? { additionalProperties: false } : {}),
  };
}

const references = (schema: unknown): string[] =>
  [...JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name]) => name ?? "");

interface Swagger {
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** Definitions of the kinds, with all that they refer to. */
function ofKubernetes(found: Record<string, unknown>, roots: Record<string, string>): void {
  const { definitions: all } = JSON.parse(readModule(api)) as Swagger;
  const visit = (name: string): void => {
    if (name in found) return;
    found[name] = strict(all[name]);
    references(found[name]).forEach(visit);
  };
  for (const [name, schema] of Object.entries(all)) {
    for (const gvk of (schema["x-kubernetes-group-version-kind"] ?? []) as Record<string, string>[]) {
      const { group = "", version = "", kind = "" } = gvk;
      const key = `${group === "" ? "" : `${group}/`}${version} ${kind}`;
      if (!kinds.includes(key)) continue;
      roots[key] = name;
      visit(name);
    }
  }
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

function ofCustomResources(found: Record<string, unknown>, roots: Record<string, string>): void {
  const metadata = { $ref: "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" };
  for (const { spec } of definitions.map((one) => parse(readModule(one)) as Crd)) {
    for (const { name, schema } of spec.versions) {
      const key = `${spec.group}/${name} ${spec.names.kind}`;
      const { properties, ...rest } = strict(schema.openAPIV3Schema) as { properties: Schema };
      roots[key] = key;
      found[key] = { ...rest, properties: { ...properties, metadata } };
    }
  }
}

function main(): void {
  const found: Record<string, unknown> = {};
  const roots: Record<string, string> = {};
  ofKubernetes(found, roots);
  ofCustomResources(found, roots);
  const rows = Object.entries(found)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `    ${JSON.stringify(name)}: ${JSON.stringify(schema)}`);
  const text = `{\n  "roots": ${JSON.stringify(roots)},\n  "definitions": {\n${rows.join(",\n")}\n  }\n}\n`;
  writeFileSync(schemasFile, text);
}

if (require.main === module) main();
