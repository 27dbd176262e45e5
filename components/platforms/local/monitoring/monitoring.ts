import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { join } from "node:path";
import { monitoringUser } from "../../../../contracts/monitoring";
import { toBytes, toSeconds } from "../../../../lib/values";
import { Component } from "../../../component";
import { routingFiles } from "../../../monitoring/routing";
import { ruleFile, ruleGroups } from "../../../monitoring/rules";
import type { Backups } from "../../../ports/backups";
import type { Logins } from "../../../ports/logins";
import type { Monitoring } from "../../../ports/monitoring";
import type { PlatformInput } from "../../../ports/platform";
import { monitoringLogin, probeLogin } from "../../../postgres/access/matrix";
import { publicHash } from "../../../public-hash";
import type { HostBase, TlsFiles } from "../host-base";
import { type Layout, loopback, monitoringPorts, scraperCertificate } from "../layout";
import type { Machine } from "../machine";
import { monitoringGrants } from "../postgres/superuser/monitoring";
import { Directory, File, Service, type ServiceArgs } from "../resources/host";
import { jobFile, stackFileText } from "../stack-file";
import {
  monitoringFiles,
  monitoringUrl,
  programs,
  prometheusConfiguration,
  receiverFile,
  webConfiguration,
} from "./files";
import { ruleSettings } from "./rule-settings";

export interface LocalMonitoringArgs {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly hostBase: HostBase;
  /** What its servers show. */
  readonly tls: TlsFiles;
  readonly logins: Logins;
  readonly backups: Backups;
  readonly input: PlatformInput;
}

/** For Node, whose heap otherwise grows to a multiple of what it holds: garbage of scrapes would take more memory than all else. */
const smallHeap = "--optimize-for-size";

type ServiceName = keyof ReturnType<typeof monitoringPorts>;

/** Prometheus, Alertmanager, node_exporter and the collector of a local stack. */
export class LocalMonitoring extends Component implements Monitoring {
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly user = monitoringUser;
  readonly password: pulumi.Output<string>;
  private readonly prefix: string;
  private readonly files: ReturnType<typeof monitoringFiles>;

  constructor(
    name: string,
    private readonly args: LocalMonitoringArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Monitoring", name, options);
    const { layout, tls } = args;
    const { prometheusPort, alertmanagerPort } = layout.monitoring;
    this.prefix = name;
    this.files = monitoringFiles(layout);
    const drawn = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, { parent: this });
    this.password = drawn.result;
    this.prometheus = monitoringUrl(prometheusPort);
    this.alertmanager = monitoringUrl(alertmanagerPort);
    const password = this.file(`${name}-password-file`, this.files.password, this.password);
    const configuration = this.password.apply((password) => webConfiguration(layout, password));
    const web = this.file(`${name}-web`, this.files.web, pulumi.secret(configuration));
    const data = new Directory(
      `${name}-data`,
      { path: layout.monitoring.directory },
      { parent: this, dependsOn: [...args.hostBase.directories] },
    );
    const collector = this.collector(`${name}-collector`, password);
    this.nodeExporter([web, ...tls.files]);
    this.alertmanagerService(`${name}-alertmanager`, [web, data, ...tls.files]);
    // Not before the servers that it watches: their first start would look like a failure.
    this.prometheusService(`${name}-prometheus`, [web, data, password, collector, ...tls.files]);
    this.registerOutputs({ prometheus: this.prometheus, alertmanager: this.alertmanager });
  }

  private file(name: string, path: string, content: pulumi.Input<string>): File {
    return new File(name, { path, content }, { parent: this, dependsOn: [...this.args.hostBase.directories] });
  }

  /** The service `monitoring-<name>`. */
  private service(
    name: ServiceName,
    args: Pick<ServiceArgs, "command" | "check" | "environment" | "restartTriggers" | "reloadTriggers">,
    needs: readonly pulumi.Resource[],
  ): Service {
    const { layout, hostBase } = this.args;
    return new Service(
      `${this.prefix}-${name}`,
      { supervisor: layout.supervisor, name, ports: [monitoringPorts(layout)[name]], ...args },
      { parent: this, dependsOn: [hostBase.supervisor, ...needs] },
    );
  }

  /** Serves the metrics of PostgreSQL, PgBouncer and the backups. */
  private collector(name: string, password: File): Service {
    const { layout, machine, logins, backups, tls, input } = this.args;
    const [node, script] = machine.howdah;
    const passwordOf = (login: string): pulumi.Output<string> => {
      const secret = logins.passwords[login];
      if (secret === undefined) throw new Error(`Access made no login ${login}`);
      return secret;
    };
    const login = this.file(`${name}-login`, this.files.loginPassword, passwordOf(monitoringLogin));
    const probe = this.file(`${name}-probe`, this.files.probePassword, passwordOf(probeLogin));
    const grants = monitoringGrants(
      `${name}-grants`,
      { layout, databases: input.databases },
      { parent: this, dependsOn: [...logins.ready] },
    );
    return this.service(
      "collector",
      {
        command: [node, smallHeap, script, "--job-file", jobFile(layout), "serve-metrics"],
        environment: { PATH: "/usr/bin:/bin" },
        // It reads the certificate and the passwords again by itself.
        restartTriggers: { settings: publicHash(stackFileText({ layout, machine }, input)) },
      },
      [password, login, probe, ...grants, ...tls.files, ...(backups.ready ?? [])],
    );
  }

  private nodeExporter(needs: readonly pulumi.Resource[]): void {
    const { layout } = this.args;
    const command = [
      programs.nodeExporter,
      `--web.listen-address=${loopback}:${layout.monitoring.nodeExporterPort}`,
      `--web.config.file=${this.files.web}`,
      // Debian's asks for it, and complains in each scrape if there is none.
      "--no-collector.systemd",
    ];
    this.service("node-exporter", { command }, needs);
  }

  private alertmanagerService(name: string, needs: readonly pulumi.Resource[]): void {
    const { layout, machine, input } = this.args;
    const { configuration, isSecret, secrets } = routingFiles({
      routing: input.monitoring.routing,
      version: machine.alertmanagerVersion,
      secretFile: (file) => receiverFile(layout, file),
    });
    const receivers = Object.entries(secrets).map(([file, secret]) =>
      this.file(`${name}-${file}`, receiverFile(layout, file), pulumi.secret(secret.reveal())),
    );
    const content = isSecret ? pulumi.secret(configuration) : pulumi.output(configuration);
    const written = this.file(`${name}-configuration`, this.files.alertmanager, content);
    const command = [
      programs.alertmanager,
      `--config.file=${this.files.alertmanager}`,
      `--storage.path=${join(layout.monitoring.directory, "alertmanager")}`,
      `--web.listen-address=${loopback}:${layout.monitoring.alertmanagerPort}`,
      `--web.external-url=${this.alertmanager}`,
      `--web.config.file=${this.files.web}`,
      // It is the only one.
      "--cluster.listen-address=",
    ];
    this.service(
      "alertmanager",
      {
        command,
        check: [programs.amtool, "check-config", this.files.alertmanager],
        reloadTriggers: { configuration: publicHash(content) },
      },
      [written, ...receivers, ...needs],
    );
  }

  private prometheusService(name: string, needs: readonly pulumi.Resource[]): void {
    const { layout, machine, hostBase, input } = this.args;
    const { retention, disk } = input.monitoring;
    const content = prometheusConfiguration(layout, machine.host);
    const rules = ruleFile(ruleGroups(ruleSettings(layout, input)));
    const scraper = hostBase.tls(scraperCertificate, ["client"]);
    const written = [
      this.file(`${name}-configuration`, this.files.prometheus, content),
      this.file(`${name}-rules`, this.files.rules, rules),
    ];
    const command = [
      programs.prometheus,
      `--config.file=${this.files.prometheus}`,
      `--storage.tsdb.path=${join(layout.monitoring.directory, "prometheus")}`,
      `--storage.tsdb.retention.time=${Math.round(toSeconds(retention))}s`,
      `--storage.tsdb.retention.size=${toBytes(disk)}B`,
      `--web.listen-address=${loopback}:${layout.monitoring.prometheusPort}`,
      `--web.external-url=${this.prometheus}`,
      `--web.config.file=${this.files.web}`,
    ];
    this.service(
      "prometheus",
      {
        command,
        check: [programs.promtool, "check", "config", this.files.prometheus],
        reloadTriggers: { configuration: publicHash(content), rules: publicHash(rules) },
      },
      [...written, ...scraper.files, ...needs],
    );
  }
}
