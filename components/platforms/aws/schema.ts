import { z } from "zod";

/** AWS settings; what the adapter of AWS needs joins here with it. */
export const awsSchema = z.strictObject({
  /** Region of the primary. */
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'an AWS region such as "eu-central-1"' }),
  /** Service and topology. */
  topology: z.enum(["rds-instance", "rds-cluster", "aurora"]).default("rds-instance"),
  /** Instance class of every server. */
  instanceClass: z.string().regex(/^db\.[a-z0-9-]+\.[a-z0-9]+$/, { error: 'an instance class such as "db.r7g.large"' }),
});

export type AwsSettings = z.output<typeof awsSchema>;
