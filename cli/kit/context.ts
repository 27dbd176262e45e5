/** What a verb may use of its surroundings. */
export interface Context {
  /** How far a long step is; the next one takes its place. */
  readonly progress: (text: string) => void;
  /** A line that stays. */
  readonly note: (text: string) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
