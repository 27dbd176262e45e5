import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../component";
import { clientHost, type Layout, loopback } from "./layout";
import { Certificate, CertificateAuthority, Directory, File, Supervisor } from "./resources";
import { sha256 } from "./triggers";

/** Certificate and key of one server, on disk. */
export interface TlsFiles {
  readonly files: readonly File[];
  /** Hash of the certificate: a service that uses it reloads when it changes. */
  readonly trigger: pulumi.Output<string>;
}

/** Folders, certificate authority and supervisor: what every service of a local stack stands on. */
export class Foundation extends Component {
  readonly caFile: pulumi.Output<string>;
  readonly supervisor: Supervisor;
  readonly directories: readonly Directory[];
  private readonly authority: CertificateAuthority;
  private readonly prefix: string;

  constructor(
    name: string,
    private readonly layout: Layout,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Foundation", name, options);
    this.prefix = name;
    const root = new Directory(`${name}-root`, { path: layout.root, mode: "0711" }, { parent: this });
    const below = { parent: this, dependsOn: [root] };
    this.directories = (["run", "etc", "tls", "log"] as const).map(
      (part) => new Directory(`${name}-${part}`, { path: layout[part], mode: part === "tls" ? "0711" : "0700" }, below),
    );
    this.authority = new CertificateAuthority(`${name}-ca`, { commonName: `howdah ${layout.stack}` }, { parent: this });
    const ca = new File(
      `${name}-ca-file`,
      { path: join(layout.tls, "ca.crt"), content: this.authority.certificatePem, mode: "0644" },
      { parent: this, dependsOn: [...this.directories] },
    );
    this.caFile = ca.path;
    this.supervisor = new Supervisor(
      `${name}-supervisor`,
      { directory: layout.supervisor },
      { parent: this, dependsOn: [...this.directories, ca] },
    );
    this.registerOutputs({ caFile: this.caFile });
  }

  /** A certificate for a server of this machine, written as `<server>.crt` and `<server>.key`. */
  tls(server: string): TlsFiles {
    const certificate = new Certificate(
      `${this.prefix}-${server}-certificate`,
      {
        commonName: server,
        dnsNames: [server, clientHost],
        ipAddresses: [loopback],
        authorityPem: this.authority.certificatePem,
        authorityKeyPem: this.authority.privateKeyPem,
      },
      { parent: this },
    );
    const write = (extension: string, content: pulumi.Output<string>, mode: string): File =>
      new File(
        `${this.prefix}-${server}-${extension}`,
        { path: join(this.layout.tls, `${server}.${extension}`), content, mode },
        { parent: this, dependsOn: [...this.directories] },
      );
    const files = [write("crt", certificate.certificatePem, "0644"), write("key", certificate.privateKeyPem, "0600")];
    return { files, trigger: sha256(certificate.certificatePem) };
  }
}
