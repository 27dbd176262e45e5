import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { checkout } from "../../lib/paths";
import { type Block, blocksOf, isRun, readRunbooks } from "../support/monitoring/runbooks";
import { discard } from "../support/stack/discard";
import { smallConfig, TestStack } from "../support/stack/stack";

jest.setTimeout(300_000);

const small = smallConfig(9700);
const stack = new TestStack("e2e-runbooks", {
  ...small,
  postgres: { ...(small["postgres"] as object), replicas: 1 },
  monitoring: { enabled: true },
});

/** The command of README.md's shell that opens the session which a block of SQL is pasted into. */
function sessionOf({ server = "", database = "postgres", login }: Block["attributes"]): string {
  if (server === "pooler") return server;
  return `${login === "postgres" ? "superuser" : "sql"} ${server} ${database}`;
}

/** What does the same as a reader who pastes the block. */
const scriptOf = ({ language, attributes, text: lines }: Block): string =>
  language === "sh"
    ? `(\n${lines}\n)`
    : `${sessionOf(attributes)} -v ON_ERROR_STOP=1 <<'END OF BLOCK'\n${lines}\nEND OF BLOCK`;

/** Runs blocks one after the other in one shell. @returns everything that they printed @throws at the first that fails */
async function run(...blocks: readonly Block[]): Promise<string> {
  const script = [". docs/runbooks/shell.sh", ...blocks.map(scriptOf)].join("\n");
  const child = spawn("bash", ["-e", "-c", script], {
    cwd: checkout,
    env: { ...process.env, ...stack.environment(), STACK: stack.name },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  // What `|| true` or a pipeline hides: a command, a file or an option that does not exist.
  const hidden = /command not found|No such file|unrecognized option|invalid option|syntax error/.exec(errors);
  if (code !== 0 || hidden !== null) throw new Error(`exit code ${String(code)}:\n${script}\n${output}\n${errors}`);
  return output;
}

/** Blocks of each runbook that no earlier one has. */
function newBlocks(): (readonly [name: string, blocks: readonly Block[]])[] {
  const seen = new Set<string>();
  const isNew = (block: Block): boolean => seen.size < seen.add(JSON.stringify(block)).size;
  return [...readRunbooks()].map(([name, runbook]) => [name, blocksOf(runbook).filter(isRun).filter(isNew)]);
}

beforeAll(() => stack.up(), 300_000);
afterAll(() => discard(stack), 300_000);

test.each(newBlocks().filter(([, blocks]) => blocks.length > 0))("the commands of %s work", async (_name, blocks) => {
  await run(...blocks);
});

const sql = (attributes: Block["attributes"], statement: string): Block => ({
  language: "sql",
  attributes,
  text: statement,
});
const sh = (script: string): Block => ({ language: "sh", attributes: {}, text: script });

describe("control: a block fails", () => {
  test.each([
    ["if its SQL has an error", sql({ server: "primary" }, "SELECT 1;\nSELECT nothing;\nSELECT 2;")],
    ["if its server is not there", sql({ server: "node9" }, "SELECT 1;")],
    ["if it writes as the monitoring login", sql({ server: "primary" }, "CREATE TABLE public.written ();")],
    ["if PgBouncer does not know its command", sql({ server: "pooler" }, "SHOW NOTHING;")],
    ["if not its last command does", sh("false\ntrue")],
    ["if a pipeline hides that a file is not there", sh("logs nothing | cat")],
    ["if its query is no PromQL", sh("query 'up('")],
  ])("%s", async (_what, block) => {
    // Another one after it must not hide it.
    await expect(run(block, sh("true"))).rejects.toThrow("exit code");
  });
});

test("a block is run on the server, in the database and as the login that it names", async () => {
  const where = "SELECT current_user, current_database(), pg_is_in_recovery();";
  expect(await run(sql({ server: "primary" }, where))).toMatch(/howdah_monitoring \| postgres +\| f/);
  expect(await run(sql({ server: "replica", database: "app" }, where))).toMatch(/howdah_monitoring \| app +\| t/);
  expect(await run(sql({ server: "primary", login: "postgres" }, where))).toMatch(/postgres +\| postgres +\| f/);
});
