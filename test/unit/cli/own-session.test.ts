import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSources } from "../../../dev/shape/sources";
import { checkout } from "../../../lib/paths";

/** Programs that run as another user: by the words that change the user. */
const otherUser = /serviceIdentity\(\)\.prefix(?!\.length)|--reuid=/;
/** What keeps root's terminal from them: whoever has it as his own can type there (TIOCSTI), and root's shell obeys. */
const ownSession = /detached: true|ownSession: true/g;
const starts = /\b(?:spawn|spawnSync|execFile|execFileSync|capture|attach|follow)\(/g;

/** Where the words are made, and what starts a program as the service user, always in a session of its own. */
const makers = ["lib/process/task.ts", "lib/process/attended.ts", "lib/system/identity.ts"];

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Other programs of such files, which stay ours. */
const ours: Readonly<Record<string, number>> = { "cli/kit/as-owner.ts": 1 };

test("every program that root starts as another user has a session of its own", () => {
  const files = [...readSources()].filter(([file]) => !/^(test|bench)\//.test(file));
  const found = files
    .filter(([file]) => !makers.includes(file))
    .map(([file, text]) => ({ file, text }))
    .filter(({ text }) => otherUser.test(text));
  expect(found.map(({ file }) => file)).toEqual(
    expect.arrayContaining(["cli/kit/as-owner.ts", "cli/status/health.ts"]),
  );
  const runner = readFileSync(join(checkout, "lib/process/task.ts"), "utf8");
  expect([count(runner, otherUser), count(runner, /detached: user !== undefined/g)]).toEqual([1, 1]);
  for (const { file, text } of found)
    expect({ file, without: count(text, starts) - count(text, ownSession) }).toEqual({
      file,
      without: ours[file] ?? 0,
    });
});
