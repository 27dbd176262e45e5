import type { Backups, Logins, Monitoring, Platform, PlatformAdapter, PlatformInput, Pooler } from "../../ports";
import { toBytes } from "../../../lib/values";
import { LocalBackups } from "./backups/backups";
import { HostBase, type TlsFiles } from "./host-base";
import { type Layout, layoutOf, monitoringCertificate } from "./layout";
import { type Machine, thisMachine } from "./machine";
import { LocalMonitoring } from "./monitoring/monitoring";
import { LocalPooler } from "./routing/pooler";
import { Repository } from "./backups/repository";
import type { LocalSettings, localSections } from "./schema";
import { removalsAllowed } from "./postgres/removals";
import { LocalServer } from "./postgres/server";

type Adapter = PlatformAdapter<typeof localSections>;

/** The adapter of this machine. */
export class LocalPlatform implements Platform {
  readonly server: LocalServer;
  readonly monitoring?: (logins: Logins, backups: Backups) => Monitoring;
  private readonly layout: Layout;
  private readonly machine: Machine;
  private readonly hostBase: HostBase;
  private readonly repository: Repository;

  constructor(
    private readonly input: PlatformInput,
    settings: LocalSettings,
  ) {
    const { stack, postgres, monitoring } = input;
    this.machine = thisMachine(postgres.version);
    this.layout = layoutOf({ stack, settings, replicas: postgres.replicas, stateRoot: this.machine.stateRoot });
    const { layout, machine } = this;
    this.hostBase = new HostBase("foundation", {
      layout,
      supervisord: machine.supervisord,
      certificateDays: settings.certificateDays,
      monitored: monitoring.enabled,
      fixed: {
        // Another major version cannot read the data; addresses are recorded inside etcd and PostgreSQL.
        "howdah:postgres.version": String(postgres.version),
        "howdah:local.portBase": String(settings.portBase),
        "howdah:local.etcdMembers": String(settings.etcdMembers),
        "howdah:local.stateDirectory": layout.root,
      },
    });
    const tls = monitoring.enabled ? this.hostBase.tls(monitoringCertificate, ["server"]) : undefined;
    if (tls !== undefined) this.monitoring = (logins, backups) => this.watchers(tls, logins, backups);
    this.repository = new Repository("repository", {
      layout,
      hostBase: this.hostBase,
      cpus: postgres.cpus,
      version: machine.pgbackrestVersion,
    });
    this.server = new LocalServer("postgres", {
      layout,
      machine,
      hostBase: this.hostBase,
      repository: this.repository,
      plan: input.plan,
      parameters: input.parameters,
      maxConnections: input.budget.maxConnections,
      administration: input.budget.administration,
      network: input.network,
      memory: toBytes(postgres.memory),
      ...(tls === undefined ? {} : { monitoringTls: tls }),
    });
  }

  pooler(logins: Logins): Pooler {
    const { layout, machine, hostBase, server, input } = this;
    const { budget, limits, network, plan, preparedStatements } = input;
    return new LocalPooler("pooler", {
      layout,
      machine,
      hostBase,
      plan,
      server,
      logins,
      budget,
      limits,
      preparedStatements,
      network,
      settings: input.pooler,
      probed: input.monitoring.enabled,
    });
  }

  backups(logins: Logins): Backups {
    const { layout, machine, hostBase, repository, server, input } = this;
    return new LocalBackups("backups", { layout, machine, hostBase, repository, server, logins, input });
  }

  private watchers(tls: TlsFiles, logins: Logins, backups: Backups): LocalMonitoring {
    const { layout, machine, hostBase, input } = this;
    return new LocalMonitoring("monitoring", { layout, machine, hostBase, tls, logins, backups, input });
  }
}

/** Makes the platform of a stack. */
export const make: Adapter["make"] = (input, { local }) => new LocalPlatform(input, local);

/** Nothing that holds data is deleted unless the config has said that it may be. */
export const admit: NonNullable<Adapter["admit"]> = (stack, { local }) => removalsAllowed({ ...stack, local });
