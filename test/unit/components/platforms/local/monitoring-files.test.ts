import { compareSync } from "bcryptjs";
import { parse } from "yaml";
import { localSchema } from "../../../../../components/platforms/local/schema";
import { layoutOf } from "../../../../../components/platforms/local/layout";
import {
  monitoringFiles,
  prometheusConfiguration,
  webConfiguration,
} from "../../../../../components/platforms/local/monitoring/files";
import { sampleLayout } from "../../../../support/local-layout";

interface Relabelling {
  readonly source_labels: readonly string[];
  readonly separator: string;
  readonly regex: string;
  readonly target_label: string;
}

interface Job {
  readonly job_name?: string;
  readonly scheme: string;
  readonly tls_config: Record<string, string>;
  readonly basic_auth?: Record<string, string>;
  readonly metric_relabel_configs?: readonly Relabelling[];
  readonly static_configs: { readonly targets: string[]; readonly labels: Record<string, string> }[];
}

const layout = sampleLayout();
const { scrape_configs, alerting } = parse(prometheusConfiguration(layout, "db1")) as {
  scrape_configs: Job[];
  alerting: { alertmanagers: Job[] };
};

const everyone = [...scrape_configs, ...alerting.alertmanagers];

test("every target is reached over TLS, verified, on the loopback address", () => {
  for (const { scheme, tls_config, static_configs } of everyone) {
    expect(scheme).toBe("https");
    expect(tls_config).toMatchObject({ ca_file: "/var/lib/howdah/local/tls/ca.crt", min_version: "TLS12" });
    expect(tls_config).not.toHaveProperty("insecure_skip_verify");
    for (const { targets } of static_configs)
      for (const target of targets) expect(target).toMatch(/^127\.0\.0\.1:\d+$/);
  }
});

test("a password or a certificate proves who scrapes, but for Patroni, where a certificate could do more than read", () => {
  const proof = everyone.map(({ job_name = "alerting", basic_auth, tls_config }) => [
    job_name,
    basic_auth?.["password_file"] ?? tls_config["cert_file"],
  ]);
  const { password } = monitoringFiles(layout);
  const certificate = "/var/lib/howdah/local/tls/prometheus.crt";
  expect(Object.fromEntries(proof)).toEqual({
    collector: password,
    patroni: undefined,
    etcd: certificate,
    haproxy: certificate,
    node: password,
    prometheus: password,
    alertmanager: password,
    alerting: password,
  });
});

test("targets have the labels that alerts tell them apart by", () => {
  const labels = (name: string) =>
    scrape_configs.find(({ job_name }) => job_name === name)?.static_configs.map((one) => one.labels);
  expect(labels("patroni")).toEqual([
    { stack: "local", host: "db1", server: "node1" },
    { stack: "local", host: "db1", server: "node2" },
  ]);
  expect(labels("etcd")?.map((one) => one["member"])).toEqual(["etcd1", "etcd2", "etcd3"]);
  for (const name of ["etcd", "haproxy"]) expect(labels(name)?.map((one) => one["host"])).not.toContain(undefined);
  expect(labels("node")).toEqual([{ stack: "local", host: "db1" }]);
  expect(labels("collector")).toEqual([{ stack: "local" }]);
});

test("a stack with more nodes has more targets, each port of its own", () => {
  const settings = localSchema.parse({ portBase: 7000, etcdMembers: 1 });
  const large = layoutOf({ stack: "large", settings, replicas: 4, stateRoot: "/var/lib/howdah" });
  const jobs = (parse(prometheusConfiguration(large, "db1")) as { scrape_configs: Job[] }).scrape_configs;
  const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
  expect(targets).toHaveLength(5 + 5 + 1);
  expect(new Set(targets).size).toBe(targets.length);
});

test("servers of the monitoring take TLS only, and the password's hash", () => {
  const configuration = parse(webConfiguration(layout, "secret")) as { basic_auth_users: { prometheus: string } };
  const { prometheus: hash } = configuration.basic_auth_users;
  // The least cost: guesses must not keep the servers busy.
  expect([hash.slice(0, 7), compareSync("secret", hash), compareSync("other", hash)]).toEqual(["$2a$04$", true, false]);
  expect(parse(webConfiguration({ ...layout, stack: "other" }, "secret"))).not.toEqual(configuration);
  expect(configuration).toEqual({
    tls_server_config: {
      cert_file: "/var/lib/howdah/local/tls/monitoring.crt",
      key_file: "/var/lib/howdah/local/tls/monitoring.key",
      min_version: "TLS12",
    },
    basic_auth_users: { prometheus: hash },
  });
});

test("each server is an instance of its own, as with one exporter a server; what belongs to none keeps the address", () => {
  const [{ source_labels, separator, regex, target_label }] = scrape_configs.find(
    ({ job_name }) => job_name === "collector",
  )?.metric_relabel_configs as [Relabelling];
  const instanceOf = (labels: Readonly<Record<string, string>>): string | undefined =>
    new RegExp(`^(?:${regex})$`).exec(source_labels.map((label) => labels[label] ?? "").join(separator))?.[1];
  expect(target_label).toBe("instance");
  expect(instanceOf({ stack: "local", server: "node1" })).toBe("local/node1");
  expect(instanceOf({ stack: "local" })).toBeUndefined();
  expect(scrape_configs.filter(({ metric_relabel_configs }) => metric_relabel_configs !== undefined)).toHaveLength(1);
});
