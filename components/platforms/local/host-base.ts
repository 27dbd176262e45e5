import * as pulumi from "@pulumi/pulumi";
import { join } from "node:path";
import { Component } from "../../component";
import { type Layout, loopback, namesForClients, portsOf } from "./layout";
import {
  Certificate,
  type CertificateArgs,
  CertificateAuthority,
  Directory,
  File,
  ImmutableSettings,
  Supervisor,
} from "./resources/host";
import { publicHash } from "../../public-hash";

/** Which authority signs a certificate: one for Patroni and etcd's keys must not admit a member to etcd. */
type Authority = "stack" | "peers";

/** Certificate and key of one server, on disk. */
export interface TlsFiles {
  readonly files: readonly File[];
  /** Hash of the certificate: a service that uses it reloads when it changes. */
  readonly trigger: pulumi.Output<string>;
}

export interface FoundationArgs {
  readonly layout: Layout;
  /** Program of the supervisor. */
  readonly supervisord: string;
  /** Days that a server's certificate is valid. */
  readonly certificateDays: number;
  /** Whether the stack has Prometheus and what belongs to it. */
  readonly monitored: boolean;
  /** Config paths whose values cannot change under running servers. */
  readonly fixed: Readonly<Record<string, string>>;
}

const advice =
  "Restore the old value; for the new one, create another stack and move the data with pg_dump, or delete this stack first (`make down`).";

/** MB of a stack that has just started: etcd allocates two files of WAL of 64 MB, an empty server with its first WAL takes 280. */
const neededToStart = ({ etcd, nodes }: Layout): number => etcd.length * 130 + nodes.length * 300;

/** A file that everybody reads and only root changes. */
const onlyRead = { mode: "0644", owner: "root" } as const;

/** Folders, certificate authorities and supervisor: what every service of a local stack stands on. */
export class HostBase extends Component {
  readonly caFile: pulumi.Output<string>;
  /** Authority of the certificates that only members of etcd have, to show each other. */
  readonly peersCa: File;
  readonly supervisor: Supervisor;
  readonly directories: readonly Directory[];
  private readonly authorities: Readonly<Record<Authority, CertificateAuthority>>;
  private readonly prefix: string;

  constructor(
    name: string,
    private readonly args: FoundationArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Foundation", name, options);
    const { layout } = args;
    this.prefix = name;
    const fixed = new ImmutableSettings(`${name}-fixed`, { values: args.fixed, advice }, { parent: this });
    const root = new Directory(
      `${name}-root`,
      {
        path: layout.root,
        mode: "0711",
        owner: "root",
        mark: `.howdah-${layout.stack}`,
        freeMegabytes: neededToStart(layout),
        freePorts: portsOf(layout, args.monitored),
      },
      { parent: this, dependsOn: [fixed] },
    );
    const below = { parent: this, dependsOn: [root] };
    // Folders of the service user lie in folders of root's only: who could rename one could have root work in another.
    // The authorities' certificates, which root trusts, and the folder of all certificates are root's, too.
    const around = { backup: layout.backup, nodes: layout.nodesFolder, etcd: layout.etcdFolder };
    this.directories = [
      ...(["run", "etc", "log"] as const).map(
        (part) => new Directory(`${name}-${part}`, { path: layout[part], mode: "0700" }, below),
      ),
      new Directory(`${name}-tls`, { path: layout.tls, mode: "0755", owner: "root" }, below),
      ...Object.entries(around).map(
        ([part, path]) => new Directory(`${name}-${part}`, { path, mode: "0711", owner: "root" }, below),
      ),
    ];
    this.authorities = {
      stack: new CertificateAuthority(`${name}-ca`, { commonName: `howdah ${layout.stack}` }, { parent: this }),
      peers: new CertificateAuthority(
        `${name}-peers-ca`,
        { commonName: `howdah ${layout.stack} etcd peers` },
        { parent: this },
      ),
    };
    const authorityFile = (authority: Authority, file: string): File =>
      new File(
        `${name}-${file.replace(".crt", "")}-file`,
        { path: join(layout.tls, file), content: this.authorities[authority].certificatePem, ...onlyRead },
        { parent: this, dependsOn: [...this.directories] },
      );
    const ca = authorityFile("stack", "ca.crt");
    this.peersCa = authorityFile("peers", "peers-ca.crt");
    this.caFile = ca.path;
    this.supervisor = new Supervisor(
      `${name}-supervisor`,
      { program: args.supervisord, directory: layout.supervisor },
      { parent: this, dependsOn: [...this.directories, ca] },
    );
    this.registerOutputs({ caFile: this.caFile });
  }

  /** A certificate for a server or a client of this machine, written as `<server>.crt` and `<server>.key`. */
  tls(
    server: string,
    usages: CertificateArgs["usages"] = ["server", "client"],
    authority: Authority = "stack",
  ): TlsFiles {
    const certificate = new Certificate(
      `${this.prefix}-${server}-certificate`,
      {
        commonName: server,
        usages,
        dnsNames: [server, ...namesForClients],
        ipAddresses: [loopback],
        authorityPem: this.authorities[authority].certificatePem,
        authorityKeyPem: this.authorities[authority].privateKeyPem,
        days: this.args.certificateDays,
        renewAtDaysLeft: Math.floor(this.args.certificateDays / 3),
      },
      { parent: this },
    );
    const write = (extension: string, content: pulumi.Output<string>, mode: string): File =>
      new File(
        `${this.prefix}-${server}-${extension}`,
        { path: join(this.args.layout.tls, `${server}.${extension}`), content, mode },
        { parent: this, dependsOn: [...this.directories] },
      );
    const files = [write("crt", certificate.certificatePem, "0644"), write("key", certificate.privateKeyPem, "0600")];
    return { files, trigger: publicHash(certificate.certificatePem) };
  }
}
