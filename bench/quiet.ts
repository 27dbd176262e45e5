import { readFileSync } from "node:fs";
import { Failure, runScript } from "../lib/errors";
import { follow } from "../lib/process/attended";
import { https } from "../test/support/servers/https";
import { rolesOf } from "../test/support/stack/nodes";
import { smallConfig, TestStack } from "../test/support/stack/stack";

/** Of load. */
const minutes = Number(process.env["MINUTES"] ?? 30);

const small = smallConfig(8600);
const stack = new TestStack("bench-quiet", { ...small, monitoring: { enabled: true } });

/** Nothing happens to the applications when they fire. */
const announcements: readonly string[] = ["Watchdog", "PlannedWork"];

async function pgbench(url: string, args: readonly string[]): Promise<void> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const variables = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: searchParams.get("sslrootcert") ?? "",
  };
  const program = "/usr/lib/postgresql/15/bin/pgbench";
  const { code, stdout, stderr } = await follow({ program, args, cwd: "/", variables }, () => undefined);
  if (code !== 0) throw new Failure(`pgbench failed:\n${stderr}`);
  process.stdout.write(`pgbench ${args.join(" ")}\n${stdout}`);
}

interface Fired {
  readonly alertname: string;
  readonly severity: string;
  readonly state: string;
}

/** Alerts of the whole run, those that only waited included. */
async function fired(): Promise<readonly Fired[]> {
  const { monitoring, monitoringPassword, ca } = await stack.outputs();
  const query = `count by (alertname, severity, alertstate) (count_over_time(ALERTS[${minutes + 30}m]))`;
  const { body } = await https(Number(new URL(monitoring?.prometheus ?? "").port), {
    ca: readFileSync(ca, "utf8"),
    auth: `${monitoring?.user ?? ""}:${monitoringPassword ?? ""}`,
    path: `/api/v1/query?query=${encodeURIComponent(query)}`,
  });
  const { data } = JSON.parse(body) as {
    data: { result: { metric: { alertname: string; severity: string; alertstate: string } }[] };
  };
  return data.result
    .map(({ metric: { alertname, severity, alertstate } }) => ({ alertname, severity, state: alertstate }))
    .filter(({ alertname }) => !announcements.includes(alertname))
    .sort((a, b) => (a.alertname < b.alertname ? -1 : 1));
}

/** A change that takes a restart of every server: the replicas first, then a switchover. */
async function switchover(): Promise<void> {
  const { primary } = await rolesOf(stack);
  stack.config = {
    ...stack.config,
    postgres: { ...(stack.config["postgres"] as object), parameters: { max_connections: 70 } },
  };
  await stack.up();
  const { primary: next } = await rolesOf(stack);
  process.stdout.write(`switchover from ${primary.name} to ${next.name}\n`);
}

const connections = async (login: string, way: "direct" | "readOnly" | "readWrite"): Promise<string> =>
  (await stack.outputs()).connections[login]?.[way] ?? "";

/** Mixed load with a planned switchover in its middle: no alert may reach anybody. */
runScript(async () => {
  try {
    await stack.up();
    await pgbench(await connections("app_migrator", "direct"), ["--initialize", "--quiet", "--scale=10"]);
    const load = async (url: string, ...more: readonly string[]) =>
      pgbench(url, ["--no-vacuum", "--protocol=prepared", ...more]);
    const writing = load(await connections("app", "readWrite"), `--time=${minutes * 60}`, "--client=4", "--rate=40");
    const toRead = await connections("reports", "readOnly");
    const reading = () => load(toRead, `--time=${minutes * 30}`, "--select-only", "--client=2", "--rate=40");
    await reading();
    await Promise.all([reading(), switchover()]);
    await writing;
    const all = await fired();
    const loud = all.filter(({ state, severity }) => state === "firing" && severity !== "info");
    const list = (some: readonly Fired[]): string =>
      some.length === 0 ? "none" : some.map(({ alertname, severity }) => `${alertname} (${severity})`).join(", ");
    process.stdout.write(`${minutes} minutes of load and a planned switchover\n`);
    process.stdout.write(`fired, critical or warning: ${list(loud)}\n`);
    process.stdout.write(
      `fired, information: ${list(all.filter(({ state, severity }) => state === "firing" && severity === "info"))}\n`,
    );
    process.stdout.write(`pending at some time: ${list(all.filter(({ state }) => state === "pending"))}\n`);
    return loud.length === 0 ? 0 : 1;
  } finally {
    await stack.destroy();
  }
});
