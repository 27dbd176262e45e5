import * as pulumi from "@pulumi/pulumi";
import type { Server } from "../../ports";

export interface AdministratorScriptArgs {
  readonly server: Pick<Server, "administrator" | "caFile">;
  readonly database: string;
  /** SQL that may run again at any time, in one transaction; secrets as `values` of $1, $2 …. Kept as a secret. */
  readonly apply: pulumi.Input<readonly { readonly sql: string; readonly values?: readonly string[] }[]>;
  /** One SELECT of one text that changes when somebody alters what `apply` made. Default: no drift is looked for. */
  readonly probe?: string;
  /** SQL that takes back what `apply` did. Default: nothing. */
  readonly revert?: string;
}

/** SQL of a server's administrator who is no superuser; drift shows with `--refresh`. */
export class AdministratorScript extends pulumi.CustomResource {
  constructor(name: string, args: AdministratorScriptArgs, options?: pulumi.CustomResourceOptions) {
    const { server, apply, ...rest } = args;
    const { administrator, caFile } = server;
    const { host, port } = administrator.endpoint;
    super(
      "host:index:AdministratorScript",
      name,
      {
        host,
        port,
        sslmode: administrator.sslmode,
        caFile,
        username: administrator.name,
        password: pulumi.secret(administrator.password),
        apply: pulumi.secret(apply),
        ...rest,
      },
      options,
    );
  }
}
