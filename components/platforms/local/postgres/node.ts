import * as pulumi from "@pulumi/pulumi";
import { join } from "node:path";
import { Component } from "../../../component";
import type { NetworkSettings } from "../../../network/schema";
import type { FailoverPlan } from "../../../postgres/objectives";
import type { EtcdCluster } from "../etcd/cluster";
import type { HostBase } from "../host-base";
import { guardService } from "../guard-service";
import type { Layout, NodeLayout } from "../layout";
import type { Machine } from "../machine";
import { postgresScript } from "./memory";
import { patroniConfiguration } from "./patroni";
import type { Repository } from "../backups/repository";
import { Directory, File, Service } from "../resources/host";
import { publicHash } from "../../../public-hash";

export interface NodeArgs {
  readonly layout: Layout;
  readonly node: NodeLayout;
  readonly machine: Machine;
  readonly hostBase: HostBase;
  readonly etcdCluster: EtcdCluster;
  readonly repository: Repository;
  readonly plan: FailoverPlan;
  readonly parameters: Readonly<Record<string, string>>;
  readonly network: NetworkSettings;
  /** Bytes that the server is meant to have. */
  readonly memory: number;
  readonly secrets: { readonly replication: pulumi.Output<string>; readonly rewind: pulumi.Output<string> };
}

/** One PostgreSQL server under its Patroni. */
export class Node extends Component {
  readonly service: Service;

  constructor(
    name: string,
    private readonly args: NodeArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Node", name, options);
    const { layout, node, hostBase, etcdCluster, repository } = args;
    const tls = hostBase.tls(node.name);
    const directory = new Directory(
      `${name}-directory`,
      { path: node.directory },
      { parent: this, dependsOn: [...hostBase.directories] },
    );
    const script = new File(
      `${name}-postgres`,
      { path: this.script(), content: postgresScript(args.machine.postgresBin, args.memory), mode: "0700" },
      { parent: this, dependsOn: [...hostBase.directories] },
    );
    const content = this.configuration();
    const path = join(layout.etc, `patroni-${node.name}.yml`);
    const file = new File(
      `${name}-configuration`,
      { path, content },
      { parent: this, dependsOn: [...hostBase.directories, script] },
    );
    this.service = new Service(
      name,
      {
        supervisor: layout.supervisor,
        name: node.service,
        command: [args.machine.patroni, path],
        environment: { PATH: `${args.machine.postgresBin}:/usr/bin:/bin` },
        ports: [node.port, node.restPort],
        // PostgreSQL's port comes with the clone, which may take long; the cluster waits for that.
        readyPorts: [node.restPort],
        // A fast shutdown writes a checkpoint first.
        stopSeconds: 120,
        companion: { pidFile: join(node.dataDirectory, "postmaster.pid"), word: node.dataDirectory },
        reloadTriggers: { configuration: publicHash(content), certificate: tls.trigger },
      },
      {
        parent: this,
        dependsOn: [...etcdCluster.services, directory, file, ...tls.files, ...repository.nodeFiles(node.name)],
      },
    );
    guardService(`${name}-guard`, {
      ...args,
      who: node.name,
      watch: [{ kind: "postgres", socketDirectory: layout.run, port: node.port, dataDirectory: node.dataDirectory }],
      parent: this,
      needs: [this.service],
    });
    this.registerOutputs();
  }

  /** Path of what Patroni starts as `postgres`. */
  private script(): string {
    return join(this.args.layout.etc, `postgres-${this.args.node.name}`);
  }

  private configuration(): pulumi.Output<string> {
    const { layout, node, machine, plan, parameters, network, secrets } = this.args;
    return pulumi.all([secrets.replication, secrets.rewind]).apply(([replicationPassword, rewindPassword]) =>
      patroniConfiguration({
        layout,
        node,
        serviceUser: machine.serviceUser,
        postgresBin: machine.postgresBin,
        version: machine.postgresVersion,
        postgres: this.script(),
        plan,
        parameters,
        allow: network.allow,
        replicationPassword,
        rewindPassword,
      }),
    );
  }
}
