import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "./endpoint";

/** A running pooler. */
export interface Pooler {
  readonly endpoint: Endpoint;
  /** Where its clients find the PEM file of the authority that signed its certificate. */
  readonly caFile: pulumi.Input<string>;
  /** CA certificate (PEM) to hand to clients; absent if clients already have it. */
  readonly authority?: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];
}
