import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, PlatformInput, ServerNode } from "../../../ports";
import type { ProtectedServer } from "../backups/backups";
import type { Keys } from "../keys/keys";
import type { Network } from "../network/network";
import type { Observation } from "./logging";
import type { AwsSettings } from "../schema/schema";

/** What each topology gives. */
export interface Servers {
  readonly readWrite: Endpoint;
  readonly readOnly: Endpoint;
  readonly nodes: readonly ServerNode[];
  readonly readTargets: readonly Endpoint[];
  /** Of the administrator. */
  readonly password: pulumi.Output<string>;
  /** What `rds-db:connect` names: `db-…` or `cluster-…`, one for each server that is an instance of its own. */
  readonly resourceIds: readonly pulumi.Output<string>[];
  /** The engine's version as it runs. */
  readonly runningVersion: pulumi.Output<string>;
  readonly protects: readonly ProtectedServer[];
  readonly ready: readonly pulumi.Resource[];
}

/** What the topologies are made from. */
export interface ServersArgs {
  readonly input: PlatformInput;
  readonly settings: AwsSettings;
  /** Begins the names of the servers. */
  readonly identifier: string;
  readonly keys: Keys;
  readonly network: Network;
  readonly observation: Observation;
}

/** Not one of the names that everybody tries (`postgres`, `admin`); the role of local stacks. */
export const administratorLogin = "howdah_admin";
