import { mustHowdah } from "../../stack/howdah";
import type { TestStack } from "../../stack/stack";

/** A physical backup as `howdah backups --json` shows it. */
export interface Listed {
  readonly label: string;
  readonly kind: string;
  readonly tier: string | null;
  readonly walStart: string;
  readonly verified: boolean | null;
}

/** The physical backups of a stack, newest first. */
export const listed = async (stack: TestStack): Promise<Listed[]> =>
  ((await mustHowdah(stack, "backups")) as { physical: Listed[] }).physical;

/** A drill's report, as far as tests look at it. */
export interface Drilled {
  readonly passed: boolean;
  readonly set: string;
  readonly rtoSeconds?: number;
  readonly rpoSeconds?: number;
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
  readonly cause?: { readonly check: string; readonly reason: string };
}
