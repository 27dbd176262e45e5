import type { LocalStackFile } from "../../contracts/stack-file";
import { ProgramError, run, type Task } from "../../lib/process/task";

const program = "/usr/bin/pgbackrest";

/** A repository as pgBackRest reads it: a configuration file, and the stanza in it. */
export interface RepositoryRef {
  readonly configFile: string;
  readonly stanza: string;
}

export interface BackrestOptions extends Pick<Task, "lowPriority" | "signal"> {
  readonly onLine?: (line: string) => void;
}

/** pgBackRest's codes that a caller tells apart (its source, error.auto.h). */
const backrestCodes = { lockHeld: 50 } as const;

/** Whether a command has not begun, because another one of the same stanza runs: pgBackRest does not wait for it. */
export const isLockHeld = (error: unknown): boolean =>
  error instanceof ProgramError && error.code === backrestCodes.lockHeld;

/** The repository of a job, as all its servers share it. */
export const repositoryOf = ({ repository }: LocalStackFile): RepositoryRef => repository;

/** Runs one command of pgBackRest. @param commandArgs the command's options, then its name @throws ProgramError */
export function backrest(
  at: RepositoryRef,
  commandArgs: readonly string[],
  options: BackrestOptions = {},
): Promise<string> {
  const { onLine, ...how } = options;
  return run({ program, args: [`--config=${at.configFile}`, `--stanza=${at.stanza}`, ...commandArgs], ...how }, onLine);
}
