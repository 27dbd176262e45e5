import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { Failure, runScript } from "../../../lib/errors";
import { checkout } from "../../../lib/paths";
import { capture } from "../../../lib/process/attended";
import { drivers } from "./drivers";
import { installDrivers, missingFor } from "./install";
import { startLoad } from "./program";

/*
 * Drivers on a fresh system (dev/fresh/smoke.sh): node-postgres and asyncpg, with prepared statements through the pooler.
 *
 *   fresh.ts install   what needs the network
 *   fresh.ts RUN       their workers commit for some seconds; RUN names the rows
 */

const chosen = drivers.filter(({ name }) => ["node-postgres", "asyncpg"].includes(name));
/** Milliseconds that the workers commit for. */
const length = 5000;

/** An output of the stack, as the README reads it. */
function output(name: string): unknown {
  const args = ["run", "--silent", "pulumi", "--", "stack", "output", name, "--show-secrets", "--json"];
  const answer = capture({ program: "npm", args, cwd: checkout });
  if (answer.code !== 0) throw new Failure(`the stack's output ${name} cannot be read:\n${answer.stderr}`);
  return JSON.parse(answer.stdout);
}

async function makeTable(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const columns = "run text, driver text, worker int, n int, PRIMARY KEY (run, driver, worker, n)";
  await client.query(`CREATE TABLE IF NOT EXISTS driver_rows (${columns})`).finally(() => client.end());
}

async function load(run: string): Promise<void> {
  const connections = output("connections") as Record<string, { readonly readWrite: string }>;
  const settings = (output("settings") as Record<string, Record<string, unknown>>)["app"] ?? {};
  await makeTable(connections["app_migrator"]?.readWrite ?? "");
  const url = connections["app"]?.readWrite ?? "";
  for (const { name, language, program, workers } of chosen) {
    const command = (await installDrivers(language))(program);
    const started = startLoad(command, { mode: "load", run, driver: name, url, settings, workers, pause: 10 });
    await Promise.race([sleep(length), started.ended]);
    const { acknowledged, errors, version } = await started.stop();
    const rows = acknowledged.reduce((sum, count) => sum + count, 0);
    process.stdout.write(`${name} ${version}: ${workers} workers, ${rows} commits\n`);
    const idle = acknowledged.filter((count) => count === 0).length;
    if (idle > 0 || Object.keys(errors).length > 0)
      throw new Failure(`${name}: ${idle} of ${workers} workers committed nothing; errors: ${JSON.stringify(errors)}`);
  }
}

runScript(async () => {
  const [word = ""] = process.argv.slice(2);
  const missing = chosen.flatMap(({ language }) => missingFor(language) ?? []);
  if (missing.length > 0) throw new Failure(missing.join("; "));
  if (word === "install") for (const { language } of chosen) await installDrivers(language);
  else await load(word);
  return 0;
});
