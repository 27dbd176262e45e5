import * as pulumi from "@pulumi/pulumi";
import type {
  certificateAuthoritySchema,
  certificateSchema,
  directorySchema,
  fileSchema,
  fixedSchema,
  serviceSchema,
  supervisorSchema,
} from "../../../../contracts/host-resources/machine";
import type { Arguments } from "../../../resource-arguments";

/** Resource types of the `host` provider, as the program sees them: those of the machine. The provider validates every input at preview. */

export type DirectoryArgs = Arguments<typeof directorySchema>;

/** A folder of the service user, or one of root's around such; removed with all that is in it when the resource goes. */
export class Directory extends pulumi.CustomResource {
  constructor(name: string, args: DirectoryArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Directory", name, { ...args }, options);
  }
}

export type FileArgs = Arguments<typeof fileSchema, "content">;

/** A file of the service user or of root, replaced atomically. */
export class File extends pulumi.CustomResource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: FileArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:File", name, { ...args }, options);
  }
}

export type ImmutableSettingsArgs = Arguments<typeof fixedSchema>;

/** Settings that cannot change under running servers: a change is refused at preview. */
export class ImmutableSettings extends pulumi.CustomResource {
  constructor(name: string, args: ImmutableSettingsArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Fixed", name, { ...args }, options);
  }
}

/** An authority of our own, for one stack. */
export class CertificateAuthority extends pulumi.CustomResource {
  declare readonly certificatePem: pulumi.Output<string>;
  declare readonly privateKeyPem: pulumi.Output<string>;

  constructor(
    name: string,
    args: Arguments<typeof certificateAuthoritySchema>,
    options?: pulumi.CustomResourceOptions,
  ) {
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

export type CertificateArgs = Arguments<typeof certificateSchema, "authorityPem" | "authorityKeyPem">;

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

export type SupervisorArgs = Arguments<typeof supervisorSchema>;

/** The process that keeps the services of a stack running. */
export class Supervisor extends pulumi.CustomResource {
  constructor(name: string, args: SupervisorArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Supervisor", name, { ...args }, options);
  }
}

export type ServiceArgs = Arguments<typeof serviceSchema, "restartTriggers" | "reloadTriggers">;

/** A process under the supervisor. */
export class Service extends pulumi.CustomResource {
  constructor(name: string, args: ServiceArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Service", name, { ...args }, options);
  }
}
