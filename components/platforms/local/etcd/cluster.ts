import type * as pulumi from "@pulumi/pulumi";
import { join } from "node:path";
import { Component } from "../../../component";
import { etcdConfiguration, peerCertificate } from "./configuration";
import type { HostBase } from "../host-base";
import type { EtcdLayout, Layout } from "../layout";
import { Directory, File, Service } from "../resources/host";
import { publicHash } from "../../../public-hash";

/** etcd needs ETCD_UNSUPPORTED_ARCH on processors other than amd64. */
const environment: Readonly<Record<string, string>> =
  process.arch === "arm64" ? { ETCD_UNSUPPORTED_ARCH: "arm64" } : {};

/** The etcd cluster that Patroni keeps its leader key in. */
export class EtcdCluster extends Component {
  readonly services: readonly Service[];

  constructor(
    name: string,
    private readonly args: { readonly layout: Layout; readonly hostBase: HostBase },
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Coordination", name, options);
    this.services = args.layout.etcd.map((member) => this.member(`${name}-${member.name}`, member));
    this.registerOutputs();
  }

  private member(name: string, member: EtcdLayout): Service {
    const { layout, hostBase } = this.args;
    const tls = hostBase.tls(member.name);
    const peerTls = hostBase.tls(peerCertificate(member), undefined, "peers");
    const content = etcdConfiguration(layout, member);
    const path = join(layout.etc, `${member.name}.yml`);
    const configuration = new File(
      `${name}-configuration`,
      { path, content },
      { parent: this, dependsOn: [...hostBase.directories] },
    );
    const data = new Directory(
      `${name}-data`,
      { path: member.dataDirectory },
      { parent: this, dependsOn: [...hostBase.directories] },
    );
    return new Service(
      name,
      {
        supervisor: layout.supervisor,
        name: member.name,
        command: ["/usr/bin/etcd", "--config-file", path],
        environment,
        ports: [member.clientPort, member.peerPort],
        // A member answers clients only once it has a quorum; the peer port is there before.
        readyPorts: [member.peerPort],
        // A leader whose peers have stopped too waits 7 s for one to take over; its log on disk survives a kill.
        stopSeconds: 2,
        // etcd reads its certificates again at every handshake: no reload trigger.
        restartTriggers: { configuration: publicHash(content) },
      },
      {
        parent: this,
        dependsOn: [hostBase.supervisor, configuration, data, ...tls.files, ...peerTls.files, hostBase.peersCa],
      },
    );
  }
}
