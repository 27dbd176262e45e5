import { Failure } from "../../lib/errors";

/** Exit codes of the `howdah` command. */
export const exitCodes = {
  ok: 0,
  /** Something went wrong while it ran. */
  failed: 1,
  /** The words of the command line are off. */
  usage: 2,
  /** Nothing was begun: what was asked for cannot be, or was not confirmed. */
  refused: 3,
  /** A drill ran to its end and found that the backups are not good. */
  unsound: 4,
} as const;

/** Nothing was begun, and why. */
export class Refusal extends Failure {}

/** Nothing is wrong but what was asked for. */
export class Misuse extends Refusal {}
