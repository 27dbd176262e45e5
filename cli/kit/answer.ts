/** What a verb may use of its environment. */
export interface Context {
  /** How far a long step is; the next one takes its place. */
  readonly progress: (text: string) => void;
  /** A line that stays. */
  readonly note: (text: string) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What a verb gives back. */
export interface Answer {
  /** For `--json`. */
  readonly data: unknown;
  /** For a reader; nothing is printed if it is empty. */
  readonly text: string;
  /** True if `text` has colours, and every word in it that is not ours has been made printable. Default false. */
  readonly isPainted?: boolean;
  /** For a reader, on standard error after `text`. */
  readonly remark?: string;
  /** Default 0. */
  readonly code?: number;
}

/** Exit codes of the `howdah` command. */
export const exitCodes = {
  ok: 0,
  /** It failed while it ran. */
  failed: 1,
  /** The command line is invalid. */
  usage: 2,
  /** Nothing was changed: the action is impossible, or was not confirmed. */
  refused: 3,
  /** A drill ran to its end and found that the backups are not good. */
  unsound: 4,
  /** Ended by Ctrl-C or SIGTERM, as shells count it. */
  interrupted: 130,
} as const;

export type Outcome = keyof typeof exitCodes;
