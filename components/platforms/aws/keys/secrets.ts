import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { Address, Logins } from "../../../ports";
import type { Keys } from "./keys";

export interface SecretsArgs {
  readonly stack: string;
  readonly keys: Keys;
  readonly logins: Logins;
  /** Where applications connect. */
  readonly pooler: Address;
  /** What has to exist before a login works there. */
  readonly needs: readonly pulumi.Resource[];
}

/** Days in which a deleted secret can be had back. */
const recoveryDays = 30;

/**
 * One secret in Secrets Manager for each application, in the shape that AWS's own tools read (engine, host, port, username,
 * password). A rotation is a new version of it, with the application's other login; the one before stays readable as AWSPREVIOUS.
 */
export class Secrets extends Component {
  constructor(name: string, args: SecretsArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:Secrets", name, options);
    const { stack, keys, logins, needs } = args;
    const { host, port } = args.pooler;
    for (const [application, login] of Object.entries(logins.current)) {
      const password = logins.passwords[login];
      if (password === undefined) throw new Error(`Access made no password of login ${login}`);
      const secret = new secretsmanager.Secret(
        `${name}-${application}`,
        {
          description: `howdah ${stack}: login of application ${application}`,
          kmsKeyId: keys.secrets.arn,
          recoveryWindowInDays: recoveryDays,
        },
        { parent: this },
      );
      new secretsmanager.SecretVersion(
        `${name}-${application}-value`,
        {
          secretId: secret.id,
          secretString: pulumi.secret(
            pulumi.jsonStringify({ engine: "postgres", host, port, username: login, password }),
          ),
        },
        { parent: this, dependsOn: [...logins.ready, ...needs] },
      );
    }
    this.registerOutputs({});
  }
}
