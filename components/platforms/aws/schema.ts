import { z } from "zod";

/**
 * Longest failover per topology, in seconds, as the service states it: Amazon RDS User Guide, "Failing over a Multi-AZ DB
 * instance" (60–120 s) and "Multi-AZ DB cluster deployments" (typically under 35 s); Amazon Aurora FAQ (typically under 30 s).
 */
export const failoverSeconds = { "rds-instance": 120, "rds-cluster": 35, aurora: 30 } as const;

/** AWS settings; what the adapter of AWS needs joins here with it. */
export const awsSchema = z
  .strictObject({
    region: z
      .string({ error: 'an AWS region such as "eu-central-1"' })
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'an AWS region such as "eu-central-1"' })
      .describe("Region of the primary."),
    topology: z
      .enum(["rds-instance", "rds-cluster", "aurora"])
      .default("rds-instance")
      .describe("Service and topology."),
    instanceClass: z
      .string({ error: 'an instance class such as "db.r7g.large"' })
      .regex(/^db\.[a-z0-9-]+\.[a-z0-9]+$/, { error: 'an instance class such as "db.r7g.large"' })
      .describe("Instance class of every server."),
  })
  .describe("AWS; with `platform: aws` only.");

export type AwsSettings = z.output<typeof awsSchema>;
