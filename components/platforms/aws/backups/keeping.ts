import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../schema/schema";

/** Options of everything that holds data: it is not deleted by accident, and stays in AWS when it leaves the program. */
export const kept = ({
  deletionProtection,
}: Pick<AwsSettings, "deletionProtection">): Pick<pulumi.CustomResourceOptions, "protect" | "retainOnDelete"> => ({
  protect: deletionProtection,
  retainOnDelete: deletionProtection,
});
