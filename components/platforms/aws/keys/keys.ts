import * as kms from "@pulumi/aws/kms";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import { kept } from "../backups/keeping";
import { keyPolicy, type KeyUse } from "./policy";
import { keyAlias } from "../names";
import type { AwsSettings } from "../schema/schema";

/** What a key encrypts; separate keys, so that access to backups gives no access to live data. */
type Purpose = "data" | "secrets" | "backups" | "records" | "alarms";

/** Where a key is; default: the home region. */
interface KeyRegion {
  readonly region?: string | undefined;
  readonly provider?: pulumi.ProviderResource | undefined;
}

export interface KeysArgs {
  /** Provider of the second region, if there is one. */
  readonly elsewhere?: pulumi.ProviderResource | undefined;
  readonly stack: string;
  readonly settings: Pick<
    AwsSettings,
    "account" | "region" | "secondRegion" | "keyAdministrators" | "deletionProtection"
  >;
}

/** Uses of each key. */
const usesOf = ({ account, region }: KeysArgs["settings"]): Readonly<Record<Purpose, KeyUse & { what: string }>> => ({
  data: { what: "servers and their snapshots", through: ["rds", "backup"] },
  secrets: { what: "passwords in Secrets Manager", through: ["secretsmanager", "rds"] },
  backups: { what: "backups and dumps", through: ["backup", "rds", "s3"] },
  alarms: {
    what: "alarms",
    through: ["sns"],
    services: [
      {
        principal: "events.amazonaws.com",
        // No aws:SourceAccount or aws:SourceArn: key policies support neither for EventBridge and an encrypted topic (SNS Developer Guide,
        // "Key management"). The key encrypts nothing but that topic.
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      },
    ],
  },
  records: {
    what: "logs",
    through: ["logs"],
    services: [
      {
        principal: `logs.${region}.amazonaws.com`,
        conditions: {
          ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${account}:log-group:*` },
        },
      },
    ],
  },
});

/** The keys of a stack: customer-managed, rotated every year, one for each purpose, and one for the copies in a second region. */
export class Keys extends Component {
  readonly data: kms.Key;
  readonly secrets: kms.Key;
  readonly backups: kms.Key;
  readonly records: kms.Key;
  readonly alarms: kms.Key;
  /** In the second region, if there is one. */
  readonly copies?: kms.Key;

  constructor(
    name: string,
    private readonly args: KeysArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:Keys", name, options);
    const { settings } = args;
    const uses = usesOf(settings);
    this.data = this.key(`${name}-data`, uses.data);
    this.secrets = this.key(`${name}-secrets`, uses.secrets);
    this.backups = this.key(`${name}-backups`, uses.backups);
    this.records = this.key(`${name}-records`, uses.records);
    this.alarms = this.key(`${name}-alarms`, uses.alarms);
    if (settings.secondRegion !== undefined)
      this.copies = this.key(
        `${name}-copies`,
        { what: "copies of backups and dumps", through: ["backup", "rds", "s3"] },
        { region: settings.secondRegion, provider: args.elsewhere },
      );
    this.registerOutputs({});
  }

  private key(name: string, { what, ...use }: KeyUse & { what: string }, place: KeyRegion = {}): kms.Key {
    const { stack, settings } = this.args;
    const { account, keyAdministrators } = settings;
    const policy = keyPolicy({
      account,
      administrators: keyAdministrators,
      region: place.region ?? settings.region,
      ...use,
    });
    // A key that is gone takes with it everything that it has encrypted.
    const at = place.provider === undefined ? {} : { provider: place.provider };
    const key = new kms.Key(
      name,
      {
        description: `howdah ${stack}: ${what}`,
        enableKeyRotation: true,
        rotationPeriodInDays: 365,
        deletionWindowInDays: 30,
        policy,
      },
      { parent: this, ...at, ...kept(settings) },
    );
    new kms.Alias(
      `${name}-alias`,
      {
        name: keyAlias(stack, name.split("-").at(-1) ?? name),
        targetKeyId: key.keyId,
      },
      { parent: this, ...at },
    );
    return key;
  }
}
