import { readFileSync } from "node:fs";
import { Failure } from "../lib/errors";
import { https } from "../test/support/servers/https";
import { rolesOf } from "../test/support/stack/nodes";
import { smallConfig, TestStack, type Way } from "../test/support/stack/stack";
import { benchOn } from "./measure";
import { pgbench } from "./pgbench";

/** Of load. */
const minutes = Number(process.env["MINUTES"] ?? 30);

/** Nothing happens to the applications when they fire. */
const announcements: readonly string[] = ["Watchdog", "PlannedWork"];

interface Seen {
  readonly alertname: string;
  readonly severity: string;
  readonly alertstate: string;
}

/** Alerts of the whole run, those that only waited included. */
async function alertsOf(stack: TestStack): Promise<readonly Seen[]> {
  const { monitoring, monitoringPassword, ca } = await stack.outputs();
  const query = `count by (alertname, severity, alertstate) (count_over_time(ALERTS[${minutes + 30}m]))`;
  const { body } = await https(Number(new URL(monitoring?.prometheus ?? "").port), {
    ca: readFileSync(ca, "utf8"),
    auth: `${monitoring?.user ?? ""}:${monitoringPassword ?? ""}`,
    path: `/api/v1/query?query=${encodeURIComponent(query)}`,
  });
  const { data } = JSON.parse(body) as { data: { result: { metric: Seen }[] } };
  return data.result
    .map(({ metric }) => metric)
    .filter(({ alertname }) => !announcements.includes(alertname))
    .sort((a, b) => (a.alertname < b.alertname ? -1 : 1));
}

/** A change that takes a restart of every server: the replicas first, then a switchover. */
async function switchover(stack: TestStack): Promise<string> {
  const { primary } = await rolesOf(stack);
  const postgres = { ...(stack.config["postgres"] as object), parameters: { max_connections: 70 } };
  stack.config = { ...stack.config, postgres };
  await stack.up();
  return `switchover from ${primary.name} to ${(await rolesOf(stack)).primary.name}`;
}

/** Mixed load with a planned switchover in its middle. @throws Failure if an alert has reached anybody */
async function measure(stack: TestStack, print: (text: string) => void): Promise<void> {
  await stack.up();
  const { connections } = await stack.outputs();
  const run = async (login: string, way: Way, ...args: readonly string[]): Promise<void> => {
    print(`pgbench ${args.join(" ")}\n${await pgbench(connections[login]?.[way] ?? "", args)}`);
  };
  const usual = ["--no-vacuum", "--protocol=prepared"] as const;
  const reading = () =>
    run("reports", "readOnly", ...usual, `--time=${minutes * 30}`, "--select-only", "--client=2", "--rate=40");
  await run("app_migrator", "direct", "--initialize", "--quiet", "--scale=10");
  const writing = run("app", "readWrite", ...usual, `--time=${minutes * 60}`, "--client=4", "--rate=40");
  await reading();
  await Promise.all([reading(), switchover(stack).then(print)]);
  await writing;

  const all = await alertsOf(stack);
  const list = (some: readonly Seen[]): string =>
    some.length === 0 ? "none" : some.map(({ alertname, severity }) => `${alertname} (${severity})`).join(", ");
  const firing = all.filter(({ alertstate }) => alertstate === "firing");
  const loud = firing.filter(({ severity }) => severity !== "info");
  print(`${minutes} minutes of load and a planned switchover`);
  print(`fired, information: ${list(firing.filter((one) => !loud.includes(one)))}`);
  print(`pending at some time: ${list(all.filter(({ alertstate }) => alertstate === "pending"))}`);
  if (loud.length > 0) throw new Failure(`fired, critical or warning: ${list(loud)}`);
  print("fired, critical or warning: none");
}

benchOn(new TestStack("bench-quiet", { ...smallConfig(8600), monitoring: { enabled: true } }), measure);
