import { Pool } from "pg";
import { Failure, runScript } from "../../lib/errors";
import { checkout } from "../../lib/paths";
import { capture } from "../../lib/process/attended";

/** Calls at the same time: more than PgBouncer has server connections for them. */
const calls = 20;

/** The URL that the README gives to programs. */
function readWriteUrl(): string {
  const args = ["run", "--silent", "pulumi", "--", "stack", "output", "connections", "--show-secrets", "--json"];
  const answer = capture({ program: "npm", args, cwd: checkout });
  if (answer.code !== 0) throw new Failure(`the stack's outputs cannot be read:\n${answer.stderr}`);
  return (JSON.parse(answer.stdout) as { app: { readWrite: string } }).app.readWrite;
}

// Runs a named prepared statement through the pooler, on several connections of node-postgres.
runScript(async () => {
  const pool = new Pool({ connectionString: readWriteUrl(), max: calls });
  try {
    const text = "SELECT 2 * $1::int AS it";
    const doubled = async (value: number): Promise<boolean> => {
      const { rows } = await pool.query<{ it: number }>({ name: "doubled", text, values: [value] });
      return rows[0]?.it === 2 * value;
    };
    const values = Array.from({ length: 5 * calls }, (_, index) => index);
    const right = await Promise.all(values.map(doubled));
    if (right.includes(false)) throw new Failure("a prepared statement gave a wrong answer");
    return 0;
  } finally {
    await pool.end();
  }
});
