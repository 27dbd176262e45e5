import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { meta } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { RuleGroup } from "../../monitoring/rules";

/** A reference to who signs a certificate. */
export interface IssuerReference {
  readonly name: string;
  readonly kind: "Issuer" | "ClusterIssuer";
  readonly group: "cert-manager.io";
}

/** `Certificate` of cert-manager.io/v1, as far as it is used here. Durations in Go's form, such as `2160h`. */
export interface CertificateSpec {
  readonly secretName: string;
  readonly commonName?: string;
  readonly dnsNames?: readonly string[];
  readonly isCA?: boolean;
  readonly duration: string;
  readonly renewBefore: string;
  readonly privateKey: {
    readonly algorithm: "ECDSA" | "RSA";
    readonly size: number;
    readonly rotationPolicy: "Always" | "Never";
  };
  readonly usages: readonly ("server auth" | "client auth" | "digital signature" | "cert sign" | "crl sign")[];
  readonly issuerRef: IssuerReference;
}

/** `Issuer` of cert-manager.io/v1. */
export type IssuerSpec =
  { readonly selfSigned: Readonly<Record<string, never>> } | { readonly ca: { readonly secretName: string } };

/** `PodMonitor` of monitoring.coreos.com/v1. */
export interface PodMonitorSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly podMetricsEndpoints: readonly {
    /** Name of the container's port. */
    readonly port: string;
    readonly path?: string;
    readonly scheme: "https";
    readonly tlsConfig: {
      readonly ca: { readonly secret: SecretKey };
      readonly cert: { readonly secret: SecretKey };
      readonly keySecret: SecretKey;
      readonly serverName: string;
    };
    readonly interval: string;
    readonly scrapeTimeout: string;
    /** Applied to the labels of each target. */
    readonly relabelings: readonly Relabeling[];
    /** Applied to the labels of each series. */
    readonly metricRelabelings: readonly Relabeling[];
  }[];
}

/** A key of a Secret in the object's namespace. */
interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** `relabel_config` of Prometheus: a label from others or from a constant, or labels that go. */
export type Relabeling =
  | { readonly targetLabel: string; readonly replacement: string }
  | {
      readonly targetLabel: string;
      readonly sourceLabels: readonly string[];
      readonly separator?: string;
      readonly regex?: string;
    }
  | { readonly action: "labeldrop"; readonly regex: string };

/** `PrometheusRule` of monitoring.coreos.com/v1. */
export interface PrometheusRuleSpec {
  readonly groups: readonly RuleGroup[];
}

/** The custom resources that are used, and the API that each belongs to. */
interface Specs {
  readonly Certificate: CertificateSpec;
  readonly Issuer: IssuerSpec;
  readonly PodMonitor: PodMonitorSpec;
  readonly PrometheusRule: PrometheusRuleSpec;
}

const apis: Readonly<Record<keyof Specs, string>> = {
  Certificate: "cert-manager.io/v1",
  Issuer: "cert-manager.io/v1",
  PodMonitor: "monitoring.coreos.com/v1",
  PrometheusRule: "monitoring.coreos.com/v1",
};

/** What a custom resource is made from. */
export interface CustomArgs<Kind extends keyof Specs> {
  readonly kind: Kind;
  readonly metadata: meta.v1.ObjectMeta;
  readonly spec: Specs[Kind];
}

/** A custom resource whose specification is checked by the compiler. */
export const custom = <Kind extends keyof Specs>(
  name: string,
  { kind, metadata, spec }: CustomArgs<Kind>,
  options: pulumi.CustomResourceOptions,
): CustomResource => new CustomResource(name, { apiVersion: apis[kind], kind, metadata, spec }, options);
