import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { join } from "node:path";
import { Component } from "../../../component";
import type { NetworkSettings } from "../../../network/schema";
import type { Address } from "../../../ports/endpoint";
import type { Server, ServerNode, SuperuserSql } from "../../../ports/server";
import { pinnedProbe, pinSettings } from "../../../postgres/access/logins/login-settings";
import type { FailoverPlan } from "../../../postgres/objectives";
import { EtcdCluster } from "../etcd/cluster";
import type { HostBase, TlsFiles } from "../host-base";
import { backends, routerConfiguration, routerFile, routerSocket } from "../routing/haproxy";
import { initialDatabases, largeObjects as guardLargeObjects } from "./superuser/large-objects";
import { type Layout, loopback, routerPorts, socketsOf } from "../layout";
import type { Machine } from "../machine";
import { Node } from "./node";
import {
  administratorLogin,
  configurationMark,
  dynamicConfiguration,
  hostBasedAuthentication,
  systemLogins,
} from "./patroni";
import { Repository } from "../backups/repository";
import { PostgresCluster, Script } from "../resources/postgres";
import { File, Service } from "../resources/host";
import { administratorScript } from "./superuser/superuser-sql";
import { publicHash } from "../../../public-hash";

export interface LocalServerArgs {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly hostBase: HostBase;
  readonly repository: Repository;
  readonly plan: FailoverPlan;
  /** Server parameters, the same on every node. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly maxConnections: number;
  /** Connections of the administrator. */
  readonly administration: number;
  readonly network: NetworkSettings;
  /** Bytes that each server is meant to have. */
  readonly memory: number;
  /** What HAProxy shows those who read its metrics; absent if it serves none. */
  readonly monitoringTls?: TlsFiles;
}

/** PostgreSQL on this machine: etcd, a Patroni node per server, HAProxy in front, and the cluster they form. */
export class LocalServer extends Component implements Server {
  readonly readWrite: Address;
  readonly readOnly: Address;
  readonly nodes: readonly ServerNode[];
  readonly caFile: pulumi.Output<string>;
  readonly administrator: Server["administrator"];
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    private readonly args: LocalServerArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Server", name, options);
    const { layout, hostBase } = args;
    const etcdCluster = new EtcdCluster(`${name}-etcd`, { layout, hostBase }, { parent: this });
    const secrets = { replication: this.password(`${name}-replication`), rewind: this.password(`${name}-rewind`) };
    const nodes = layout.nodes.map(
      (node) => new Node(`${name}-${node.name}`, { ...args, node, etcdCluster, secrets }, { parent: this }),
    );
    const router = this.router(`${name}-router`);
    const cluster = this.cluster(`${name}-cluster`, [...nodes.map((node) => node.service), router]);
    const sessions = this.sessions(`${name}-sessions`, cluster);
    const password = this.password(`${name}-administrator`);
    const administrator = this.administratorRole(`${name}-administrator-role`, password, cluster);
    this.readWrite = { host: loopback, port: layout.readWritePort };
    this.readOnly = { host: loopback, port: layout.readOnlyPort };
    this.nodes = layout.nodes.map(({ name: node, port, restPort, dataDirectory }) => ({
      agent: `https://${loopback}:${restPort}`,
      name: node,
      host: loopback,
      port,
      dataDirectory,
    }));
    this.caFile = hostBase.caFile;
    this.administrator = { name: administratorLogin, password, endpoint: this.readWrite, sslmode: "verify-full" };
    const largeObjects = guardLargeObjects(
      `${name}-large-objects`,
      { layout, databases: initialDatabases },
      { parent: this, dependsOn: [administrator] },
    );
    this.ready = [cluster, sessions, administrator, ...largeObjects];
    this.registerOutputs({ nodes: this.nodes });
  }

  asSuperuser(name: string, sql: SuperuserSql, options: pulumi.CustomResourceOptions): Script {
    const { layout } = this.args;
    return new Script(name, { servers: socketsOf(layout), ...sql }, options);
  }

  private password(name: string): pulumi.Output<string> {
    return new random.RandomPassword(name, { length: 48, special: false }, { parent: this }).result;
  }

  private router(name: string): Service {
    const { layout, hostBase, plan, maxConnections, monitoringTls: tls } = this.args;
    const monitored = tls !== undefined;
    const content = routerConfiguration({ layout, maximumLag: plan.maximumReadLag, maxConnections, monitored });
    const path = routerFile(layout);
    const configuration = new File(
      `${name}-configuration`,
      { path, content },
      { parent: this, dependsOn: [...hostBase.directories] },
    );
    return new Service(
      name,
      {
        supervisor: layout.supervisor,
        name: "haproxy",
        command: ["/usr/sbin/haproxy", "-W", "-db", "-f", path],
        ports: routerPorts(layout, monitored),
        check: ["/usr/sbin/haproxy", "-c", "-f", path],
        // The master starts new workers with the new file; the old ones end with their last session.
        reloadSignal: "USR2",
        reloadTriggers: {
          configuration: publicHash(content),
          ...(tls === undefined ? {} : { certificate: tls.trigger }),
        },
      },
      { parent: this, dependsOn: [hostBase.supervisor, configuration, ...(tls?.files ?? [])] },
    );
  }

  private cluster(name: string, services: pulumi.Resource[]): PostgresCluster {
    const { layout, hostBase, machine, plan, parameters, network } = this.args;
    const operator = hostBase.tls("operator", ["client"]);
    return new PostgresCluster(
      name,
      {
        scope: layout.stack,
        members: layout.nodes.map(({ name: member, host, port, restPort, service }) => ({
          name: member,
          host,
          port,
          restPort,
          service,
        })),
        supervisor: layout.supervisor,
        caFile: join(layout.tls, "ca.crt"),
        certificateFile: join(layout.tls, "operator.crt"),
        keyFile: join(layout.tls, "operator.key"),
        postgresBin: machine.postgresBin,
        configuration: dynamicConfiguration(plan, parameters),
        mark: { socketDirectory: layout.run, ...configurationMark(parameters) },
        hostRules: { socketDirectory: layout.run, lines: hostBasedAuthentication(network.allow) },
        pooler: { socketDirectory: layout.run, port: layout.poolerPort, readOnlyPort: layout.readOnlyPort },
        router: { socket: routerSocket(layout), backend: backends.primary, readBackend: backends.replicas },
      },
      { parent: this, dependsOn: [...services, ...operator.files] },
    );
  }

  /** Settings of the logins that Patroni works with. */
  private sessions(name: string, cluster: PostgresCluster): Script {
    const { layout } = this.args;
    const logins = Object.values(systemLogins);
    return new Script(
      name,
      {
        servers: socketsOf(layout),
        database: "postgres",
        apply: logins.map((login) => pinSettings(login)).join(""),
        probe: pinnedProbe(logins),
      },
      { parent: this, dependsOn: [cluster] },
    );
  }

  private administratorRole(name: string, password: pulumi.Output<string>, cluster: PostgresCluster): Script {
    const { layout, administration } = this.args;
    const role = { name: administratorLogin, connectionLimit: administration };
    const salt = new random.RandomBytes(`${name}-salt`, { length: 16 }, { parent: this }).base64;
    const script = pulumi
      .all([password, salt])
      .apply(([secret, bytes]) => administratorScript(role, { password: secret, salt: bytes }));
    return new Script(
      name,
      {
        servers: socketsOf(layout),
        database: "postgres",
        apply: pulumi.secret(script.apply(({ apply }) => apply)),
        probe: script.apply(({ probe }) => probe),
      },
      { parent: this, dependsOn: [cluster] },
    );
  }
}
