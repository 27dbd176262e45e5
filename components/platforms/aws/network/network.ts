import * as ec2 from "@pulumi/aws/ec2";
import * as rds from "@pulumi/aws/rds";
import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { NetworkSettings } from "../../../network/schema";
import type { Keys } from "../keys/keys";
import { MadeNetwork } from "./own-network";
import type { AwsSettings } from "../schema/schema";

export interface NetworkArgs {
  readonly stack: string;
  readonly settings: AwsSettings;
  readonly allow: NetworkSettings["allow"];
  readonly keys: Keys;
}

/** What AWS takes as the description of a rule. */
const plain = (text: string): string => text.replace(/[^\w .:/()#,@[\]+=&;{}!$*-]/g, " ");

/** Where the servers live: private subnets, given or made, and a security group that admits the configured sources only. */
export class Network extends Component {
  readonly subnetGroup: rds.SubnetGroup;
  readonly securityGroup: ec2.SecurityGroup;

  constructor(name: string, args: NetworkArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:Network", name, options);
    const { stack, settings, allow } = args;
    const { network } = settings;
    const { vpcId, subnetIds } =
      "vpcId" in network ? network : new MadeNetwork(`${name}-vpc`, { ...args, choice: network }, { parent: this });
    this.subnetGroup = new rds.SubnetGroup(
      `${name}-subnets`,
      { description: `howdah ${stack}: private subnets`, subnetIds: [...subnetIds] },
      { parent: this },
    );
    this.securityGroup = new ec2.SecurityGroup(
      `${name}-servers`,
      // Inline rules none, so that the rules below are the only ones; no rule for what goes out.
      { description: `howdah ${stack}: PostgreSQL servers`, vpcId, revokeRulesOnDelete: true },
      { parent: this },
    );
    const peered = "cidr" in network ? network.peer?.cidr : undefined;
    for (const source of allow) this.admit(name, source, settings.port);
    if (peered !== undefined && !allow.some(({ cidr }) => cidr === peered))
      this.admit(name, { cidr: peered, reason: "peered network of the workloads" }, settings.port);
    for (const { securityGroupId, reason } of settings.clientSecurityGroups)
      this.admit(name, { securityGroupId, reason }, settings.port);
    this.registerOutputs({});
  }

  private admit(
    name: string,
    source: { readonly reason: string } & ({ readonly cidr: string } | { readonly securityGroupId: string }),
    port: number,
  ): void {
    const from = "cidr" in source ? source.cidr : source.securityGroupId;
    const range =
      "cidr" in source ? (source.cidr.includes(":") ? "cidrIpv6" : "cidrIpv4") : "referencedSecurityGroupId";
    const named = (part: RegExp): string => `${name}-from-${from.replace(part, "-")}`;
    const logical = named(/[^a-z0-9]/g);
    // In stacks of older versions: a rule of another name would be made first, which AWS refuses as a duplicate.
    const older = named(/[^a-z0-9-]+/g);
    new vpc.SecurityGroupIngressRule(
      logical,
      {
        securityGroupId: this.securityGroup.id,
        description: plain(source.reason),
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        [range]: from,
      },
      { parent: this, aliases: older === logical ? [] : [{ name: older }] },
    );
  }
}
