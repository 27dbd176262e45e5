import type * as pulumi from "@pulumi/pulumi";
import type { Verified } from "../../contracts/drill-record";

/** Location of the backups. */
export interface Backups {
  readonly repository: pulumi.Input<string>;
  /** pgBackRest's stanza, if pgBackRest takes the backups. */
  readonly stanza?: string;
  /** Key that decrypts the backups, or only the dumps if the platform holds the other keys; keep a copy elsewhere. */
  readonly key: pulumi.Output<string>;
  /** Stack file for the `howdah` command, if the command runs on this machine. */
  readonly jobFile?: string;
  /** What has to exist before the `howdah` command can use that file. Default: nothing. */
  readonly ready?: readonly pulumi.Resource[];
  /** What is notified of failed backups, as the platform names it; absent if the platform has none. */
  readonly failures?: pulumi.Input<string>;
  /** Undefined until a first drill. */
  readonly verified: pulumi.Output<Verified | undefined>;
}
