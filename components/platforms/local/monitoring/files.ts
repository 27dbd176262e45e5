import { join } from "node:path";
import { stringify } from "yaml";
import { monitoringUser } from "../../../../contracts/monitoring";
import type { Monitoring } from "../../../../contracts/stack-file";
import { bcrypt } from "../../../../lib/text/bcrypt";
import { sha256 } from "../../../../lib/text/hash";
import { probedDatabase } from "../../../capacity/connections";
import { probeLoginOf } from "../../../monitoring/probe";
import { crontabFile } from "../backups/pgbackrest";
import { alertmanager } from "../machine";
import { type Layout, loopback, monitoringCertificate, scraperCertificate } from "../layout";

/** Programs of Debian's packages. */
export const programs = {
  prometheus: "/usr/bin/prometheus",
  promtool: "/usr/bin/promtool",
  alertmanager,
  amtool: "/usr/bin/amtool",
  nodeExporter: "/usr/bin/prometheus-node-exporter",
} as const;

/** Where the files of the monitoring are; `etc` is the service user's alone. */
export const monitoringFiles = ({ etc }: Pick<Layout, "etc">) => ({
  /** Password of `monitoringUser`. */
  password: join(etc, "monitoring.password"),
  /** Password of the collector's login at the servers. */
  loginPassword: join(etc, "collector.password"),
  /** Password of the login that tries the pooler. */
  probePassword: join(etc, "probe.password"),
  /** TLS and passwords of Prometheus, Alertmanager and node_exporter. */
  web: join(etc, "monitoring-web.yml"),
  prometheus: join(etc, "prometheus.yml"),
  rules: join(etc, "alerts.yml"),
  alertmanager: join(etc, "alertmanager.yml"),
});

/** A secret of a receiver. */
export const receiverFile = ({ etc }: Pick<Layout, "etc">, name: string): string => join(etc, `receiver.${name}`);

/** Seconds between two scrapes: a failure is seen after two of them at the latest. */
const scrapeSeconds = 15;

/** Seconds between two evaluations of the rules: what a scrape has brought must not wait for another 15. */
const evaluationSeconds = 5;

const at = (port: number): string => `${loopback}:${port}`;

/** URL of a server of the monitoring, for people. */
export const monitoringUrl = (port: number): string => `https://${at(port)}`;

/**
 * Rules and dashboards of others tell servers apart by `instance`: one exporter of theirs has one server, our collector all. The name
 * of the stack makes it unique for a Prometheus that scrapes several.
 */
const instancePerServer = {
  source_labels: ["stack", "server"],
  separator: "/",
  regex: "(.+/.+)",
  target_label: "instance",
} as const;

interface Target {
  readonly port: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** prometheus.yml. Labels of the targets are those of `contracts/metrics/others.ts`. */
export function prometheusConfiguration(layout: Layout, host: string): string {
  const { stack, tls, monitoring } = layout;
  const { password, rules } = monitoringFiles(layout);
  const ca = { ca_file: join(tls, "ca.crt") };
  const certificate = {
    cert_file: join(tls, `${scraperCertificate}.crt`),
    key_file: join(tls, `${scraperCertificate}.key`),
  };
  const https = { scheme: "https" } as const;
  const withPassword = {
    ...https,
    tls_config: { ...ca, server_name: monitoringCertificate, min_version: "TLS12" },
    basic_auth: { username: monitoringUser, password_file: password },
  };
  const withCertificate = { ...https, tls_config: { ...ca, ...certificate, min_version: "TLS12" } };
  // Patroni lets everyone read; a certificate of the stack could also have it restart a server.
  const withoutCredentials = { ...https, tls_config: { ...ca, min_version: "TLS12" } };
  const job = (name: string, access: object, targets: readonly Target[]) => ({
    job_name: name,
    ...access,
    static_configs: targets.map(({ port, labels }) => ({ targets: [at(port)], labels: { stack, ...labels } })),
  });
  return stringify({
    global: {
      scrape_interval: `${scrapeSeconds}s`,
      scrape_timeout: "10s",
      evaluation_interval: `${evaluationSeconds}s`,
      // Also of an alert without series, such as one that asks for what is absent.
      external_labels: { stack },
    },
    rule_files: [rules],
    alerting: {
      alertmanagers: [{ ...withPassword, static_configs: [{ targets: [at(monitoring.alertmanagerPort)] }] }],
    },
    scrape_configs: [
      job("collector", { ...withPassword, metric_relabel_configs: [instancePerServer] }, [
        { port: monitoring.collectorPort },
      ]),
      job(
        "patroni",
        withoutCredentials,
        layout.nodes.map(({ name, restPort }) => ({ port: restPort, labels: { server: name, host } })),
      ),
      job(
        "etcd",
        withCertificate,
        layout.etcd.map(({ name, clientPort }) => ({ port: clientPort, labels: { member: name, host } })),
      ),
      job("haproxy", withCertificate, [{ port: monitoring.routerPort, labels: { host } }]),
      job("node", withPassword, [{ port: monitoring.nodeExporterPort, labels: { host } }]),
      job("prometheus", withPassword, [{ port: monitoring.prometheusPort }]),
      job("alertmanager", withPassword, [{ port: monitoring.alertmanagerPort }]),
    ],
  });
}

/**
 * bcrypt's hash of the password, at the least cost there is: it is random and long, and a usual cost would let those who guess keep
 * Prometheus and Alertmanager busy, which compare one password after the other. A salt need not be random, only another in each stack.
 */
const hashOf = (password: string, stack: string): string => bcrypt(password, `$2a$04$${sha256(stack).slice(0, 21)}u`);

/** Web configuration, the same for Prometheus, Alertmanager and node_exporter. */
export function webConfiguration({ tls, stack }: Pick<Layout, "tls" | "stack">, password: string): string {
  return stringify({
    tls_server_config: {
      cert_file: join(tls, `${monitoringCertificate}.crt`),
      key_file: join(tls, `${monitoringCertificate}.key`),
      min_version: "TLS12",
    },
    basic_auth_users: { [monitoringUser]: hashOf(password, stack) },
  });
}

/** What the `howdah` command has to know of a stack's monitoring. @param rpoSeconds objective */
export function monitoringJob(layout: Layout, rpoSeconds: number, databases: readonly string[]): Monitoring {
  const { password, loginPassword, probePassword } = monitoringFiles(layout);
  const probed = probedDatabase(databases);
  const { collectorPort, prometheusPort, alertmanagerPort } = layout.monitoring;
  return {
    listen: at(collectorPort),
    certificate: join(layout.tls, `${monitoringCertificate}.crt`),
    key: join(layout.tls, `${monitoringCertificate}.key`),
    authority: join(layout.tls, "ca.crt"),
    passwordFile: password,
    loginPasswordFile: loginPassword,
    rpoSeconds,
    scheduleFile: crontabFile(layout),
    prometheusPort,
    alertmanagerPort,
    ...(probed === undefined ? {} : { probe: probeLoginOf(probed, probePassword) }),
  };
}
