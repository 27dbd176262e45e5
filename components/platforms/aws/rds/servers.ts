import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, PlatformInput, ServerNode } from "../../../ports";
import type { ProtectedServer } from "../backups/backups";
import type { Keys } from "../keys/keys";
import type { Network } from "../network/network";
import type { RdsLogging } from "./logging";
import type { AwsSettings } from "../schema/schema";

/** Result of each topology. */
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

/** Inputs of the topologies. */
export interface ServersArgs {
  readonly input: PlatformInput;
  readonly settings: AwsSettings;
  /** Begins the names of the servers. */
  readonly identifier: string;
  readonly keys: Keys;
  readonly network: Network;
  readonly logging: RdsLogging;
}

/** Not a name that attackers try first (`postgres`, `admin`); the same role as on local stacks. */
export const administratorLogin = "howdah_admin";

/** Major and minor of a version such as `15.14`; what follows them (`15.14.1` of Aurora, `15.14-R2` of RDS) is left out. */
function numbers(version: string): [major: number, minor: number] {
  const [major = NaN, minor = NaN] = version.split(/[.-]/).map(Number);
  return [major, minor];
}

/**
 * Notice if the servers run another version than the config names; undefined if versions match or are unknown. RDS does not
 * downgrade to an older minor version, so a newer one can only be recorded in the config.
 */
export function versionNotice(configured: string, running: string): string | undefined {
  const [major, minor] = numbers(configured);
  const [runningMajor, runningMinor] = numbers(running);
  if ((major === runningMajor && minor === runningMinor) || Number.isNaN(runningMajor + runningMinor)) return undefined;
  if (runningMajor > major || (runningMajor === major && runningMinor > minor))
    return `the servers run PostgreSQL ${running}, newer than howdah:aws.engineVersion "${configured}": AWS has upgraded them. Set it to "${runningMajor}.${runningMinor}"; a downgrade is impossible`;
  return `the servers run PostgreSQL ${running}, older than howdah:aws.engineVersion "${configured}": with howdah:aws.upgrade.minor automatic AWS decides when to install minor versions; to let \`up\` do it, set it to pinned`;
}
