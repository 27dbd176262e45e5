import type * as pulumi from "@pulumi/pulumi";

/** What the state of a stack, as its last `up` left it, has of the key of its dumps. */
export interface EarlierKeys {
  /** age identities, that of the present key among them if it was there; secret. */
  readonly identities: pulumi.Output<readonly string[]>;
  /** True if the seed that keys were once made of is in the state, and its identity is not yet kept as an earlier one. */
  readonly formerSeed: boolean;
}
