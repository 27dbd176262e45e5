import { createHash } from "node:crypto";
import { type Facts, type Rows, text } from "../row";

/** A type of the EC2 API: `<prefix>-0123456789abcdef0`. */
const ec2 = (prefix: string, resource: string) => ({
  id: ({ hex }: Facts) => `${prefix}-${hex(17)}`,
  computed: ({ arn, hex, account }: Facts) => ({
    arn: arn("ec2", `${resource}/${prefix}-${hex(17)}`),
    ownerId: account,
  }),
});

const rule = {
  ...ec2("sgr", "security-group-rule"),
  replacing: ["securityGroupId"],
  computed: ({ arn, hex }: Facts) => ({
    arn: arn("ec2", `security-group-rule/sgr-${hex(17)}`),
    securityGroupRuleId: `sgr-${hex(17)}`,
  }),
};

const hash = (value: string): number => parseInt(createHash("sha256").update(value).digest("hex").slice(0, 8), 16);

export const network: Rows = {
  "aws:ec2/vpc:Vpc": {
    id: ({ hex }) => `vpc-${hex(17)}`,
    replacing: ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"],
    defaults: () => ({ enableDnsHostnames: false, enableDnsSupport: true, instanceTenancy: "default" }),
    computed: ({ arn, hex, account }) => ({
      arn: arn("ec2", `vpc/vpc-${hex(17)}`),
      defaultNetworkAclId: `acl-${hex(17)}`,
      defaultRouteTableId: `rtb-${hex(16)}d`,
      defaultSecurityGroupId: `sg-${hex(16)}d`,
      dhcpOptionsId: `dopt-${hex(17)}`,
      mainRouteTableId: `rtb-${hex(16)}d`,
      ownerId: account,
    }),
  },
  "aws:ec2/subnet:Subnet": {
    ...ec2("subnet", "subnet"),
    replacing: ["availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"],
    defaults: ({ region }) => ({ availabilityZone: `${region}a`, mapPublicIpOnLaunch: false }),
  },
  "aws:ec2/routeTable:RouteTable": {
    ...ec2("rtb", "route-table"),
    replacing: ["vpcId"],
    defaults: () => ({ propagatingVgws: [], routes: [] }),
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    replacing: ["gatewayId", "subnetId"],
    id: ({ hex }) => `rtbassoc-${hex(17)}`,
  },
  "aws:ec2/route:Route": {
    replacing: ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId"],
    id: ({ inputs }) => `r-${text(inputs["routeTableId"])}${hash(text(inputs["destinationCidrBlock"]))}`,
    computed: () => ({ instanceId: "", instanceOwnerId: "", origin: "CreateRoute", state: "active" }),
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    ...ec2("sg", "security-group"),
    name: "name",
    replacing: ["description", "name", "namePrefix", "vpcId"],
    defaults: () => ({ description: "Managed by Pulumi", egress: [], ingress: [] }),
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    replacing: ["vpcId"],
    id: ({ hex }) => `sg-${hex(17)}`,
    computed: ({ arn, hex, account }) => ({
      arn: arn("ec2", `security-group/sg-${hex(17)}`),
      description: "default VPC security group",
      name: "default",
      ownerId: account,
    }),
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule,
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    id: ({ hex }) => `vpce-${hex(17)}`,
    replacing: ["resourceConfigurationArn", "serviceName", "serviceNetworkArn", "serviceRegion", "vpcEndpointType"].concat(
      ["vpcId"],
    ), // prettier-ignore
    defaults: () => ({ ipAddressType: "ipv4", privateDnsEnabled: false, vpcEndpointType: "Gateway" }),
    computed: ({ arn, hex, account }) => ({
      arn: arn("ec2", `vpc-endpoint/vpce-${hex(17)}`),
      cidrBlocks: [],
      dnsEntries: [],
      networkInterfaceIds: [],
      ownerId: account,
      prefixListId: `pl-${hex(8)}`,
      requesterManaged: false,
      state: "available",
    }),
  },
  "aws:ec2/flowLog:FlowLog": {
    id: ({ hex }) => `fl-${hex(17)}`,
    replacing: ["deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination"].concat(
      ["logDestinationType", "logFormat", "maxAggregationInterval", "subnetId", "trafficType", "vpcId"],
    ), // prettier-ignore
    computed: ({ arn, hex }) => ({ arn: arn("ec2", `vpc-flow-log/fl-${hex(17)}`) }),
  },
  "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": {
    id: ({ hex }) => `pcx-${hex(17)}`,
    replacing: ["peerOwnerId", "peerRegion", "peerVpcId", "vpcId"],
    computed: ({ inputs }) => ({ acceptStatus: inputs["autoAccept"] === true ? "active" : "pending-acceptance" }),
  },
};
