import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { loadavg } from "node:os";
import Table from "cli-table3";
import { collectorMetrics } from "../contracts/metrics/collector";
import { Failure } from "../lib/errors";
import { waitFor } from "../lib/retry";
import { https } from "../test/support/servers/https";
import { leaderOf } from "../test/support/stack/members";
import { processorTicks, servicePid, supervisorctl, ticksPerSecond } from "../test/support/stack/processes";
import { smallConfig, TestStack, superuser } from "../test/support/stack/stack";
import { benchOn } from "./measure";

const port = 9900;
const collectorPort = port + 81;
/** Its tables are divided among these. */
const databases = ["app", "shop"] as const;
const servers = 3;
const scrapes = 200;
/** Milliseconds between two scrapes: they hit sets that are being collected as often as Prometheus does. */
const pause = 250;
/** Seconds in which only Prometheus scrapes: the interval of the tables' figures. */
const watched = 300;

const goals = { p95: 0.5, series: 3000, megabytes: 120 } as const;

/** Lets time pass. */
const pass = (milliseconds: number): Promise<unknown> =>
  waitFor(() => Promise.resolve(true), { timeout: milliseconds, delay: milliseconds });

interface Page {
  readonly text: string;
  readonly seconds: number;
}

/** Scrapes as Prometheus does, over a connection that stays open. */
async function scraper(stack: TestStack): Promise<() => Promise<Page>> {
  const { monitoring, monitoringPassword } = await stack.outputs();
  const ca = readFileSync(stack.path("tls", "ca.crt"), "utf8");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const auth = `${monitoring?.user ?? ""}:${monitoringPassword ?? ""}`;
  return async () => {
    const start = performance.now();
    const { status, body } = await https(collectorPort, { path: "/metrics", ca, auth, agent, timeout: 10_000 });
    if (status !== 200) throw new Failure(`the collector answers ${status}`);
    return { text: body, seconds: (performance.now() - start) / 1000 };
  };
}

/** Makes tables until there are so many, in schemas of 125 each, with a primary key, another index and ten rows. */
async function makeTables(stack: TestStack, wanted: number, primary: number): Promise<void> {
  const each = wanted / databases.length;
  for (const database of databases) {
    const at = { port: primary, database };
    for (let first = 0; first < each; first += 125)
      await superuser(
        stack,
        at,
        `CREATE SCHEMA IF NOT EXISTS part_${first};
DO $$ BEGIN FOR i IN ${first} .. ${Math.min(first + 125, each) - 1} LOOP
  EXECUTE format('CREATE TABLE IF NOT EXISTS part_${first}.item_%s (id serial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now())', i);
  EXECUTE format('CREATE INDEX IF NOT EXISTS item_%s_name ON part_${first}.item_%s (name)', i, i);
  EXECUTE format('INSERT INTO part_${first}.item_%s (name) SELECT g::text FROM generate_series(1, 10) g', i);
END LOOP; END $$;`,
      );
    await superuser(stack, at, "ANALYZE");
  }
}

const memory = (pid: number, field: "VmRSS" | "VmHWM"): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? NaN;

const samplesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

const judged = (text: string, value: number, limit: number): string => `${text} (${value <= limit ? "≤" : "MISSED:"} ${limit})`; // prettier-ignore

/** Those that are collected from each server. */
const sets = new Set(
  Object.values(collectorMetrics).flatMap(({ labels: [first], set }) =>
    first === "server" && set !== "collector" ? [set] : [],
  ),
);
const names = Array.from({ length: servers }, (_, at) => `node${at + 1}`);

/** Sets of servers that have not been collected, or could not be. */
function lackingSets(text: string): string[] {
  const up = new Set(samplesOf(text).filter((line) => line.startsWith("howdah_collector_up") && line.endsWith(" 1")));
  const wanted = names.flatMap((server) =>
    [...sets].map((set) => `howdah_collector_up{set="${set}",server="${server}"} 1`),
  );
  return wanted.filter((line) => !up.has(line));
}

/** Restarts the collector, and waits until it has everything. */
async function restart(stack: TestStack, scrape: () => Promise<Page>): Promise<number> {
  await supervisorctl(stack, "restart", "collector");
  let lacking: string[] = [];
  const isComplete = async (): Promise<true | undefined> => {
    const page = await scrape().catch(() => undefined);
    lacking = lackingSets(page?.text ?? "");
    return lacking.length === 0 ? true : undefined;
  };
  const complete = await waitFor(isComplete, { timeout: 120_000, interval: 1000 });
  if (complete === undefined) throw new Failure(`not collected: ${lacking.join(", ")}`);
  return servicePid(stack, "collector");
}

/** Figures for so many tables, by what they are of. */
async function figuresWith(stack: TestStack, tables: number): Promise<[what: string, figure: string][]> {
  const leader = leaderOf(await stack.members())?.name;
  const { nodes } = await stack.outputs();
  await makeTables(stack, tables, nodes.find(({ name }) => name === leader)?.port ?? 0);
  const scrape = await scraper(stack);
  const pid = await restart(stack, scrape);
  const first = processorTicks(pid) / ticksPerSecond;

  const before = processorTicks(pid);
  await pass(watched * 1000);
  const share = (processorTicks(pid) - before) / ticksPerSecond / watched;
  const [rss, peak] = [memory(pid, "VmRSS"), memory(pid, "VmHWM")];
  const load = loadavg();

  const pages: Page[] = [];
  for (let done = 0; done < scrapes; done++) {
    pages.push(await scrape());
    await pass(pause);
  }
  const times = pages.map(({ seconds }) => seconds);
  const samples = samplesOf(pages.at(-1)?.text ?? "");
  const perServer = names.map((name) => samples.filter((line) => line.includes(`server="${name}"`)).length);
  const milliseconds = (share: number): string => `${(quantile(times, share) * 1000).toFixed(0)} ms`;
  const loads = (of: readonly number[]): string => `load of the machine ${of.map((one) => one.toFixed(1)).join(" ")}`;
  return [
    [
      `${scrapes} scrapes`,
      `p50 ${milliseconds(0.5)}, p95 ${judged(milliseconds(0.95), quantile(times, 0.95), goals.p95)}; ${loads(loadavg())}`,
    ],
    [
      "series",
      `${judged(perServer.join(" "), Math.max(...perServer), goals.series)} of a server, ${samples.length} in all`,
    ],
    ["memory", `${judged(`${rss.toFixed(0)} MB`, rss, goals.megabytes)}; ${peak.toFixed(0)} MB at the most`],
    [`processor, a scrape every 15 s for ${watched} s`, `${(share * 100).toFixed(1)} % of a core; ${loads(load)}`],
    ["processor, until all is collected once", `${first.toFixed(1)} s`],
  ];
}

async function measure(stack: TestStack, print: (text: string) => void): Promise<void> {
  await stack.up();
  for (const tables of [50, 5000]) {
    const table = new Table({ head: [`${tables} tables`, ""], style: { head: [], border: [] } });
    table.push(...(await figuresWith(stack, tables)));
    print(table.toString());
  }
}

const small = smallConfig(port);
const { app } = small["databases"] as Record<"app", object>;
const config = {
  ...small,
  databases: { app, shop: { applications: { shop: { access: "readwrite", pool: 2, overflow: 1 } } } },
  monitoring: { enabled: true },
};
benchOn(new TestStack("bench-collector", config), measure);
