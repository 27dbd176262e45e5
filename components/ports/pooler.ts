import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "./endpoint";

/** A running pooler. */
export interface Pooler {
  readonly endpoint: Endpoint;
  /** Where its clients find the PEM file of the authority that signed its certificate. */
  readonly caFile: pulumi.Input<string>;
  /** PEM of that authority, where clients get it from the stack; absent if the file already exists, or the team has it. */
  readonly authority?: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];
}
