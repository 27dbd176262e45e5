import type * as pulumi from "@pulumi/pulumi";

/** A Prometheus with its Alertmanager: where people look at them, and as whom. */
export interface Monitoring {
  /** URL; HTTPS, with a certificate of the stack's authority. */
  readonly prometheus: string;
  /** URL, likewise. */
  readonly alertmanager: string;
  /** Login for both (HTTP basic authentication). */
  readonly user: string;
  readonly password: pulumi.Output<string>;
}
