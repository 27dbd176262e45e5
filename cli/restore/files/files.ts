import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shellWord } from "../../../lib/text/fill";
import type { Context } from "../../kit/answer";
import { backrest, type RepositoryRef } from "../../pgbackrest/command";
import { checkManifest } from "../../pgbackrest/manifest";
import { BackrestProgress } from "../../pgbackrest/progress";
import type { ListedSet } from "../../pgbackrest/sets";
import { leaveData } from "./foreign-files";
import { type Target, targetSettings } from "../plan/target";

export interface RestoreFiles {
  /** Repository, with the configuration of one server: pgBackRest restores one. */
  readonly from: RepositoryRef;
  readonly set: ListedSet;
  readonly target: Target;
  /** Value for `recovery_target_timeline`. */
  readonly timeline: string;
  /** Folder of the restored cluster; it must be there, and be empty. */
  readonly to: string;
  readonly processes: number;
  readonly lowPriority: boolean;
}

/** A word of a shell command in PostgreSQL's settings, in which a percent sign begins a placeholder. */
const settingWord = (text: string): string => shellWord(text).replaceAll("%", "%%");

/** The settings with which a server replays to the target. */
function replaySettings({ from, target, timeline, to }: RestoreFiles): Record<string, string> {
  const options = [`--config=${from.configFile}`, `--stanza=${from.stanza}`, `--pg1-path=${to}`].map(settingWord);
  return {
    restore_command: `/usr/bin/pgbackrest ${options.join(" ")} archive-get %f "%p"`,
    recovery_target_timeline: timeline,
    ...targetSettings(target),
  };
}

/**
 * Writes the files of a backup, each checked against its checksum: the data alone, without the configuration that lies among them.
 * @returns the settings with which a server replays to the target
 * @throws ProgramError, Refusal
 */
export async function restoreFiles(request: RestoreFiles, context: Context): Promise<Record<string, string>> {
  const { from, set, to, processes, lowPriority } = request;
  await checkManifest(from, set.label);
  const progress = new BackrestProgress("restoring", context.progress);
  // Type none: how far to replay is said by us, in a file of ours.
  const options = [`--pg1-path=${to}`, `--set=${set.label}`, `--process-max=${processes}`, "--type=none"];
  await backrest(from, ["--log-level-console=detail", ...options, "restore"], {
    onLine: progress.line,
    lowPriority,
    signal: context.signal,
  });
  await leaveData(to);
  await writeFile(join(to, "recovery.signal"), "", { mode: 0o600 });
  return replaySettings(request);
}
