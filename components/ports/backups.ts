import type * as pulumi from "@pulumi/pulumi";
import type { Verified } from "../../contracts/drill-record";

/** Where backups go. */
export interface Backups {
  readonly repository: pulumi.Input<string>;
  /** pgBackRest's, where that takes the backups. */
  readonly stanza?: string;
  /** What opens the backups, or the dumps if the platform holds the other keys: keep a copy elsewhere. */
  readonly key: pulumi.Output<string>;
  /** File that tells the `howdah` command about this stack, where the command runs on this machine. */
  readonly jobFile?: string;
  /** What hears of failed backups, as the platform names it; absent if the platform has none. */
  readonly failures?: pulumi.Input<string>;
  /** Undefined until a first drill. */
  readonly verified: pulumi.Output<Verified | undefined>;
}
