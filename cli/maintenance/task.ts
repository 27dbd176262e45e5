/** One thing to do in a database. */
export interface Task {
  readonly kind: "vacuum" | "reindex" | "drop";
  /** Table or index, quoted for SQL. */
  readonly name: string;
  readonly statement: string;
  readonly reason: string;
}

/** What was left alone, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

export interface Found {
  readonly tasks: readonly Task[];
  readonly skipped: readonly Skipped[];
}

/** How a task ended; `left` for want of time. */
export interface Done extends Task {
  readonly outcome: "done" | "skipped" | "failed" | "left";
  readonly seconds: number;
  /** Why it was skipped, or failed. */
  readonly detail?: string;
}
