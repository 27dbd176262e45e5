import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Resource types of the `host` provider, as the program sees them: those of the machine. The provider validates every input at preview. */

export interface DirectoryArgs {
  readonly path: string;
  /** Name of a file that marks the folder as ours: one with other content and no mark is refused, and never removed. */
  readonly mark?: string;
  /** Four octal digits. Default `"0700"`. */
  readonly mode?: string;
  /** MB that its disk needs when the folder is made. Default 0. */
  readonly freeMegabytes?: number;
  /** `root`: the user who runs `up`, so that the service user can rename nothing in it. Default: the service user. */
  readonly owner?: "service" | "root";
  /** Ports, by service, that nobody may have when the folder is made. Default none. */
  readonly freePorts?: Readonly<Record<string, readonly number[]>>;
}

/** A folder of the service user, or one of root's around such; removed with all that is in it when the resource goes. */
export class Directory extends pulumi.CustomResource {
  constructor(name: string, args: DirectoryArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Directory", name, { ...args }, options);
  }
}

export interface FileArgs {
  readonly path: string;
  /** Text of the file; a secret stays one in state and diff. */
  readonly content: pulumi.Input<string>;
  /** Four octal digits. Default `"0600"`. */
  readonly mode?: string;
  /** `"root"`: the user who runs `up`. Default: the service user. */
  readonly owner?: "service" | "root";
  /** Regular expression: lines of the earlier content that match it stay below the new content. Default: none stay. */
  readonly keeps?: string;
}

/** A file of the service user or of root, replaced atomically. */
export class File extends pulumi.CustomResource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: FileArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:File", name, { ...args }, options);
  }
}

export interface FixedArgs {
  /** Config paths and their values. */
  readonly values: Readonly<Record<string, string>>;
  /** What to do for another value, as a sentence. */
  readonly advice: string;
}

/** Settings that cannot change under running servers: a change is refused at preview. */
export class Fixed extends pulumi.CustomResource {
  constructor(name: string, args: FixedArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Fixed", name, { ...args }, options);
  }
}

/** An authority of our own, for one stack. */
export class CertificateAuthority extends pulumi.CustomResource {
  declare readonly certificatePem: pulumi.Output<string>;
  declare readonly privateKeyPem: pulumi.Output<string>;

  constructor(name: string, args: { readonly commonName: string }, options?: pulumi.CustomResourceOptions) {
    const computed = { certificatePem: undefined, privateKeyPem: undefined, notAfter: undefined };
    super(
      "host:index:CertificateAuthority",
      name,
      { ...args, ...computed },
      {
        ...options,
        additionalSecretOutputs: ["privateKeyPem"],
      },
    );
  }
}

export interface CertificateArgs {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly authorityPem: pulumi.Input<string>;
  readonly authorityKeyPem: pulumi.Input<string>;
  /** Ends of a connection that it may stand at. Default both. */
  readonly usages?: readonly ("server" | "client")[];
  /** Days that it is valid. Default 90. */
  readonly days?: number;
  /** Days left at which `up` makes a new one. Default 30. */
  readonly renewAtDaysLeft?: number;
}

/** A certificate for one server or one client. */
export class Certificate extends pulumi.CustomResource {
  declare readonly certificatePem: pulumi.Output<string>;
  declare readonly privateKeyPem: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly notAfter: pulumi.Output<string>;

  constructor(name: string, args: CertificateArgs, options?: pulumi.CustomResourceOptions) {
    const computed = { certificatePem: undefined, privateKeyPem: undefined, notAfter: undefined };
    super(
      "host:index:Certificate",
      name,
      { ...args, ...computed },
      {
        ...options,
        additionalSecretOutputs: ["privateKeyPem"],
      },
    );
  }
}

export interface SupervisorArgs {
  /** `supervisord`. Another one is started only where none runs: to exchange it is to stop every service. */
  readonly program: string;
  /** Folder of its configuration, its socket and the programs. */
  readonly directory: string;
}

/** The process that keeps the services of a stack running. */
export class Supervisor extends pulumi.CustomResource {
  constructor(name: string, args: SupervisorArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Supervisor", name, { ...args }, options);
  }
}

export interface ServiceArgs {
  /** Folder of the supervisor. */
  readonly supervisor: string;
  readonly name: string;
  /** Program and arguments; no secret, every user can read them. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Ports that it needs; refused at once where another process has one. */
  readonly ports?: readonly number[];
  /** Those of them that answer once it is ready. Default all. */
  readonly readyPorts?: readonly number[];
  readonly stopSignal?: string;
  /** Seconds from the stop signal to SIGKILL. Default 30. */
  readonly stopSeconds?: number;
  /** Default `"HUP"`. */
  readonly reloadSignal?: string;
  /** A process that the service starts and that may outlive it. */
  readonly companion?: { readonly pidFile: string; readonly word: string };
  /** A command that fails if the program would refuse its files; run before the program gets them. */
  readonly check?: readonly string[];
  /** Lines of its log, as regular expressions: it begins to read its files; it refuses something in them. */
  readonly reader?: { readonly begins: string; readonly refuses: string };
  readonly restartTriggers?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly reloadTriggers?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** A process under the supervisor. */
export class Service extends pulumi.CustomResource {
  constructor(name: string, args: ServiceArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Service", name, { ...args }, options);
  }
}

/** Hash of a text, for triggers: known at preview, and no secret even where the text is one. */
export function sha256(text: pulumi.Input<string>): pulumi.Output<string> {
  const hash = pulumi.output(text).apply((content) => createHash("sha256").update(content).digest("hex"));
  return pulumi.unsecret(hash);
}
