import type { Context } from "../context";
import { backrest, type RepositoryRef } from "../pgbackrest/command";
import { BackrestProgress } from "../pgbackrest/progress";
import type { ListedSet } from "../pgbackrest/sets";
import { type Target, targetWords } from "./target";

export interface RestoreFiles {
  /** Repository, with the configuration of one server: pgBackRest restores one. */
  readonly from: RepositoryRef;
  readonly set: ListedSet;
  readonly target: Target;
  /** Timeline to follow; default: the newest. */
  readonly timeline?: string;
  /** Folder of the restored cluster; it must be there, and be empty. */
  readonly to: string;
  readonly processes: number;
  readonly lowPriority: boolean;
}

/** Writes the files of a backup, each checked against its checksum, and tells PostgreSQL how far to replay. @throws ProgramError */
export async function restoreFiles(request: RestoreFiles, context: Context): Promise<void> {
  const { from, set, target, timeline, to, processes, lowPriority } = request;
  const progress = new BackrestProgress("restoring", context.progress);
  const words = [
    `--pg1-path=${to}`,
    `--set=${set.label}`,
    `--process-max=${processes}`,
    ...targetWords(target),
    ...(timeline === undefined ? [] : [`--target-timeline=${timeline}`]),
  ];
  await backrest(from, ["--log-level-console=detail", ...words, "restore"], {
    onLine: progress.line,
    lowPriority,
    signal: context.signal,
  });
}
