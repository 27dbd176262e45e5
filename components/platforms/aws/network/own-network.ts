import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import { subnetsOf } from "./addresses";
import type { Keys } from "../keys/keys";
import { policyDocument, serviceTrust } from "../identity/policy-document";
import { chosenZones } from "../regions";
import type { AwsSettings, NetworkChoice } from "../schema/schema";

export interface MadeNetworkArgs {
  readonly stack: string;
  readonly settings: AwsSettings;
  readonly choice: Extract<NetworkChoice, { readonly cidr: string }>;
  readonly keys: Keys;
}

/**
 * A network for the servers alone: a private subnet in each zone, no gateway to anywhere, S3 by a gateway endpoint (the one service
 * that a server itself calls: the `aws_s3` extension), flow logs, a default security group without rules, and a peering where
 * the config names one.
 */
export class MadeNetwork extends Component {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: readonly pulumi.Output<string>[];

  constructor(
    name: string,
    private readonly args: MadeNetworkArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:MadeNetwork", name, options);
    const { settings, choice } = args;
    const made = new ec2.Vpc(
      name,
      { cidrBlock: choice.cidr, enableDnsHostnames: true, enableDnsSupport: true },
      { parent: this },
    );
    this.vpcId = made.id;
    const routes = new ec2.RouteTable(`${name}-routes`, { vpcId: made.id }, { parent: this });
    const zones = chosenZones(settings);
    const ranges = subnetsOf(choice.cidr, zones.length);
    this.subnetIds = zones.map((zone, index) => {
      const letter = zone.slice(-1);
      const subnet = new ec2.Subnet(
        `${name}-private-${letter}`,
        {
          vpcId: made.id,
          availabilityZone: zone,
          cidrBlock: ranges[index],
          mapPublicIpOnLaunch: false,
        },
        { parent: this },
      );
      new ec2.RouteTableAssociation(
        `${name}-private-${letter}-routes`,
        { subnetId: subnet.id, routeTableId: routes.id },
        { parent: this },
      );
      return subnet.id;
    });
    new ec2.DefaultSecurityGroup(`${name}-default`, { vpcId: made.id, ingress: [], egress: [] }, { parent: this });
    new ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: made.id,
        serviceName: `com.amazonaws.${settings.region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: [routes.id],
        policy: ownBucketsOnly(settings.account),
      },
      { parent: this },
    );
    this.flowLog(`${name}-flow`, made);
    if (choice.peer !== undefined) this.peering(`${name}-peering`, made, routes);
    this.registerOutputs({});
  }

  private flowLog(name: string, made: ec2.Vpc): void {
    const { stack, settings, keys } = this.args;
    const group = new cloudwatch.LogGroup(
      `${name}-log`,
      {
        name: `/howdah/${stack}/flow`,
        retentionInDays: settings.monitoring.logRetentionDays,
        kmsKeyId: keys.records.arn,
      },
      { parent: this },
    );
    const role = new iam.Role(
      `${name}-role`,
      {
        description: `howdah ${stack}: writes flow logs`,
        assumeRolePolicy: serviceTrust("vpc-flow-logs.amazonaws.com", settings.account),
      },
      { parent: this },
    );
    const policy = new iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: group.arn.apply((arn) =>
          policyDocument([
            {
              actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
              resources: [arn, `${arn}:*`],
            },
          ]),
        ),
      },
      { parent: this },
    );
    new ec2.FlowLog(
      name,
      {
        vpcId: made.id,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 60,
      },
      { parent: this, dependsOn: [policy] },
    );
  }

  private peering(name: string, made: ec2.Vpc, routes: ec2.RouteTable): void {
    const { peer, cidr } = this.args.choice;
    if (peer === undefined) return;
    const connection = new ec2.VpcPeeringConnection(
      name,
      {
        vpcId: made.id,
        peerVpcId: peer.vpcId,
        autoAccept: true,
      },
      { parent: this },
    );
    const route = (suffix: string, routeTableId: pulumi.Input<string>, destinationCidrBlock: string): void => {
      new ec2.Route(
        `${name}-${suffix}`,
        { routeTableId, destinationCidrBlock, vpcPeeringConnectionId: connection.id },
        { parent: this },
      );
    };
    route("out", routes.id, peer.cidr);
    for (const table of peer.routeTableIds) route(`back-${table}`, table, cidr);
  }
}

/** What goes through the endpoint goes to buckets of this account: data cannot leave by it to another account's. */
const ownBucketsOnly = (account: string): string =>
  policyDocument([
    {
      sid: "OwnBuckets",
      principals: "*",
      actions: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:PrincipalAccount": account, "aws:ResourceAccount": account } },
    },
  ]);
