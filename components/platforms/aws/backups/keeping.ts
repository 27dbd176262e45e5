import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../schema/schema";

/** Options of resources with data: they are not deleted by accident, and stay in AWS if removed from the program. */
export const kept = ({
  deletionProtection,
}: Pick<AwsSettings, "deletionProtection">): Pick<pulumi.CustomResourceOptions, "protect" | "retainOnDelete"> => ({
  protect: deletionProtection,
  retainOnDelete: deletionProtection,
});
