import { printable } from "./text/printable";

/** An error for the user: says what is wrong and what to do about it. Printed without a stack trace. */
export class Failure extends Error {
  override readonly name: string = "Failure";
}

/** Nothing was changed, for this reason. */
export class Refusal extends Failure {}

/** Nothing is wrong but what was asked for. */
export class Misuse extends Refusal {}

/** Text of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Runs the body of a script; its number is the exit code. A `Failure` prints its message only, anything else
 * (a fault of ours) its stack as well; both exit with 1.
 */
export function runScript(body: () => Promise<number> | number): void {
  void Promise.resolve()
    .then(body)
    .catch((error: unknown) => {
      const text =
        error instanceof Error && !(error instanceof Failure) ? (error.stack ?? error.message) : messageOf(error);
      process.stderr.write(`howdah: ${printable(text)}\n`);
      return 1;
    })
    .then((code) => {
      process.exitCode = code;
    });
}
