import * as pulumi from "@pulumi/pulumi";
import type { administratorScriptSchema } from "../../../contracts/host-resources/postgres";
import type { Server } from "../../ports";
import type { Arguments } from "../../resource-arguments";

type Sql = Arguments<typeof administratorScriptSchema, "apply">;

/** The SQL, and the server whose administrator runs it. `apply` is kept as a secret. */
export interface AdministratorScriptArgs extends Pick<Sql, "database" | "apply" | "probe" | "revert"> {
  readonly server: Pick<Server, "administrator" | "caFile">;
}

/** SQL of a server's administrator who is not a superuser; drift shows with `--refresh`. */
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
