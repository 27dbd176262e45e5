import type * as rds from "@pulumi/aws/rds";
import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { Component } from "../../../component";
import { administratorLogin, type ServersArgs } from "./servers";

/** What RDS writes into its secret. */
const managedSecret = z.object({ password: z.string().min(1) });

/** The password that RDS keeps; read again in every `up`, as it changes every week. */
export function managedPassword(cluster: rds.Cluster, region: string): pulumi.Output<string> {
  const secretId = cluster.masterUserSecrets.apply((all) => {
    const arn = all[0]?.secretArn;
    if (arn === undefined)
      throw new Error("RDS does not manage the administrator's password: the cluster was created in another way");
    return arn;
  });
  const version = secretsmanager.getSecretVersionOutput({ secretId, region }, { parent: cluster });
  return pulumi.secret(version.secretString.apply((text) => managedSecret.parse(JSON.parse(text)).password));
}

/**
 * A password of our own, in Secrets Manager too: RDS manages none of an instance that has replicas, or goes through a blue/green
 * deployment (RDS User Guide, "Limitations for Secrets Manager integration"). A higher `administration.rotations` is a new one.
 */
export class OwnPassword extends Component {
  readonly value: pulumi.Output<string>;

  constructor(name: string, { input, settings, keys }: ServersArgs, options: pulumi.ComponentResourceOptions) {
    super("howdah:aws:OwnPassword", name, options);
    const { rotations } = settings.administration;
    const { result } = new random.RandomPassword(
      `${name}-value`,
      { length: 48, special: false, keepers: { rotations: String(rotations) } },
      { parent: this },
    );
    this.value = pulumi.secret(result);
    const secret = new secretsmanager.Secret(
      `${name}-secret`,
      {
        description: `howdah ${input.stack}: administrator of the servers`,
        kmsKeyId: keys.secrets.arn,
        recoveryWindowInDays: 30,
      },
      { parent: this },
    );
    new secretsmanager.SecretVersion(
      `${name}-version`,
      {
        secretId: secret.id,
        secretString: pulumi.secret(pulumi.jsonStringify({ username: administratorLogin, password: result })),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
