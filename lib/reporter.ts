import pc from "picocolors";
import { oneLine, printable } from "./text/printable";

/**
 * What the tools print; control characters are written out. Always to standard error: standard output belongs to the engine, so that
 * `npm run --silent pulumi -- stack output --json` stays JSON.
 */
export interface Reporter {
  /** One finished thing, for example "engine" and "v3.255.0, built from its Go modules". */
  done(what: string, detail: () => string): void;
  /** Something that the user should know and need not act on. */
  note(text: string): void;
  /** How far a long step is; on a terminal the line is overwritten, elsewhere one line every 10 seconds. */
  progress(text: string): void;
}

const quietSeconds = 10;

/** A voice that talks to `stream`. */
export function createReporter(stream: NodeJS.WriteStream = process.stderr): Reporter {
  const terminal = stream.isTTY;
  let pending = false;
  let last = 0;
  const clear = (): void => {
    if (pending) stream.write("\r\u001b[K");
    pending = false;
  };
  return {
    done(what, detail) {
      clear();
      stream.write(`${pc.green("✓")} ${oneLine(what).padEnd(11)} ${printable(detail())}\n`);
    },
    note(text) {
      clear();
      stream.write(`${pc.yellow("·")} ${printable(text)}\n`);
    },
    progress(message) {
      const text = oneLine(message);
      if (terminal) {
        stream.write(`\r\u001b[K  ${text.slice(0, Math.max(20, stream.columns - 4))}`);
        pending = true;
      } else if (Date.now() - last >= quietSeconds * 1000) {
        last = Date.now();
        stream.write(`  ${text}\n`);
      }
    },
  };
}

const nothing = (): void => undefined;

/** Says nothing unless there is something to wait for: for the quick check in front of every engine command. */
export const onlyProgress = (reporter: Reporter): Reporter => ({ ...reporter, done: nothing });
