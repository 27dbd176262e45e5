import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { checkout } from "../../lib/paths";
import { type Block, distinctBlocks, isRun, readRunbooks } from "../support/monitoring/runbooks";
import { discard } from "../support/stack/discard";
import { smallConfig, TestStack } from "../support/stack/stack";

jest.setTimeout(300_000);

const small = smallConfig(9700);
const stack = new TestStack("e2e-runbooks", {
  ...small,
  postgres: { ...(small["postgres"] as object), replicas: 1 },
  monitoring: { enabled: true },
});

/** What a block is pasted into: the shell of README.md, or a session that its commands open. */
function sessionOf({ language, attributes: { server = "", database = "postgres", login } }: Block): string | undefined {
  if (language === "sh") return undefined;
  const opened = server === "pooler" ? "pooler" : `${login === "postgres" ? "superuser" : "sql"} ${server} ${database}`;
  return `${opened} -v ON_ERROR_STOP=1`;
}

/** Runs a block as a reader would. @returns everything that it printed @throws if a command of it fails */
async function run(block: Block): Promise<string> {
  const session = sessionOf(block);
  const script = session ?? block.text;
  const child = spawn("bash", ["-e", "-c", `. docs/runbooks/shell.sh\n${script}`], {
    cwd: checkout,
    env: { ...process.env, ...stack.environment(), STACK: stack.name },
  });
  child.stdin.end(session === undefined ? "" : block.text);
  const ended = new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  // What `|| true` or a pipeline hides: a command, a file or an option that does not exist.
  const hidden = /command not found|No such file|unrecognized option|invalid option|syntax error/.exec(errors);
  if (code !== 0 || hidden !== null) throw new Error(`exit code ${String(code)}:\n${output}\n${errors}`);
  return output;
}

const blocks = distinctBlocks(readRunbooks().values());
const titleOf = (block: Block): string =>
  [sessionOf(block) ?? "shell", block.text.split("\n")[0]].join(": ").slice(0, 100);

beforeAll(() => stack.up(), 300_000);
afterAll(() => discard(stack), 300_000);

test.each(blocks.filter(isRun).map((block) => [titleOf(block), block] as const))("%s", async (_title, block) => {
  await run(block);
});

describe("control: it fails", () => {
  const sql = (server: string, statement: string): Block => ({
    language: "sql",
    attributes: { server },
    text: statement,
  });
  const sh = (script: string): Block => ({ language: "sh", attributes: {}, text: script });

  test.each([
    ["SQL with an error", sql("primary", "SELECT 1; SELECT nothing;")],
    ["SQL for a server that is not there", sql("node9", "SELECT 1;")],
    ["a write as the monitoring login", sql("primary", "CREATE TABLE public.written ();")],
    ["an unknown command of PgBouncer", sql("pooler", "SHOW NOTHING;")],
    ["a script whose first command fails", sh("false\ntrue")],
    ["a file that is not there, although a pipeline hides it", sh("logs nothing | cat")],
    ["a query that is no PromQL", sh("query 'up('")],
  ])("%s", async (_what, block) => {
    await expect(run(block)).rejects.toThrow("exit code");
  });
});

test("a block is run on the server, in the database and as the login that it names", async () => {
  const where: Block = {
    language: "sql",
    attributes: {},
    text: "SELECT current_user, current_database(), pg_is_in_recovery();",
  };
  const at = (attributes: Block["attributes"]) => run({ ...where, attributes });
  expect(await at({ server: "primary" })).toMatch(/howdah_monitoring \| postgres +\| f/);
  expect(await at({ server: "replica", database: "app" })).toMatch(/howdah_monitoring \| app +\| t/);
  expect(await at({ server: "primary", login: "postgres" })).toMatch(/postgres +\| postgres +\| f/);
});
