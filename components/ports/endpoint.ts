import type * as pulumi from "@pulumi/pulumi";

/** Where a client connects; all TLS with verify-full. */
export interface Endpoint {
  /** Known at once if the platform chooses it, else once the server exists. */
  readonly host: pulumi.Input<string>;
  readonly port: number;
}

/** An endpoint whose host is known at once. */
export interface Address extends Endpoint {
  readonly host: string;
}
