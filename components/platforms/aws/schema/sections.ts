import { kubernetesSchema } from "../../../kubernetes/schema";
import { awsSchema } from "./schema";

/** Sections of the config that only stacks on AWS have. */
export const awsSections = { aws: awsSchema, kubernetes: kubernetesSchema };
