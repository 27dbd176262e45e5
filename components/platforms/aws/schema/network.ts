import { z } from "zod";
import { cidr } from "../../../network/cidr";

const example = '"10.0.0.0/16"';
/** An id of EC2, by its prefix. */
export const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), { error: `an id such as "${prefix}-0123456789abcdef0"` });
/** Network of the database. */
export const networkChoice = z
  .union(
    [
      z.strictObject({
        vpcId: id("vpc").describe("VPC of the database."),
        subnetIds: z.array(id("subnet")).min(2).max(6).describe("Private subnets, each in a different zone."),
      }),
      z.strictObject({
        cidr: cidr(example).describe(
          "Address range of a VPC to create, /16 to /24: a private subnet in each zone, without internet access.",
        ),
        peer: z
          .strictObject({
            vpcId: id("vpc").describe("VPC of the Kubernetes cluster, in the same account and region."),
            cidr: cidr(example).describe("Its address range."),
            routeTableIds: z.array(id("rtb")).min(1).describe("Its route tables: each gets a route to the database."),
          })
          .optional()
          .describe("VPC to peer with."),
      }),
    ],
    { error: 'either {"vpcId": "vpc-…", "subnetIds": […]} or {"cidr": "10.0.0.0/16"}' },
  )
  .describe("Network of the database: an existing one, or one to create.");
