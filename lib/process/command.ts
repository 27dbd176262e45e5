/** A program to run. */
export interface Command {
  readonly program: string;
  readonly args?: readonly string[];
  /** Default: `/` for `start`, `run` and `startApart`, our own for the others. */
  readonly cwd?: string;
  /** What it inherits; default: our own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Set in addition to what it inherits. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Milliseconds until it is killed; default: no limit. */
  readonly timeout?: number;
  /** For `attach` and `capture`: the terminal is not the program's own, so that it cannot type there. For programs of other users. */
  readonly ownSession?: boolean;
}

/** Ends a program and what it has started, if it has a group of its own. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}
