import { setMaxListeners } from "node:events";
import type { Registry } from "prom-client";
import type { Scraping } from "../../contracts/collector";
import { monitoringUser } from "../../contracts/monitoring";
import { readText } from "../../lib/system/files";
import type { Context } from "../kit/answer";
import { Node, type NodeSettings } from "./node";
import { Results } from "./results";
import { renderText, type Series, single } from "./series";
import { type Pages, parseListen, serve, textFormat, type Tls } from "./server";
import type { SqlSet } from "./sql-set";
import { type BoundSet, collectSet } from "./stack-set";

/** Where sets put what they have collected, until the signal. */
export interface Collecting {
  readonly results: Results;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What a collector collects, and where it serves it. */
export interface Collection {
  readonly scraping: Scraping;
  readonly nodes: readonly NodeSettings[];
  /** Sets that each of them fills. */
  readonly sqlSets: readonly SqlSet[];
  readonly stackSets: readonly BoundSet[];
  /** Starts what has metrics in a registry of its own. */
  readonly probe?: (how: Collecting) => { readonly registry: Registry; readonly done: Promise<void> };
}

/** What the process says of itself, as all exporters do. */
function ownSeries(): Series {
  const { user, system } = process.cpuUsage();
  return {
    process_cpu_seconds_total: single((user + system) / 1e6),
    process_resident_memory_bytes: single(process.memoryUsage.rss()),
    process_start_time_seconds: single(Date.now() / 1000 - process.uptime()),
  };
}

/** What all sets have collected, as text for Prometheus. */
export async function renderResults(results: Results, registries: readonly Registry[] = []): Promise<string> {
  const own = renderText([...results.series(), ownSeries()]);
  const others = await Promise.all(registries.map((registry) => registry.metrics()));
  return [own, ...others].join("");
}

/** Milliseconds in which the same complaint is not repeated. */
const quiet = 600_000;

/** Says the same only now and then: a server that is down fails every few seconds. */
function rarely(note: (text: string) => void): (text: string) => void {
  const said = new Map<string, number>();
  return (text) => {
    const now = Date.now();
    for (const [old, at] of said) if (now - at >= quiet) said.delete(old);
    if (said.has(text)) return;
    said.set(text, now);
    note(text);
  };
}

async function tlsOf({ certificate, key, authority, passwordFile }: Scraping): Promise<Tls> {
  const files = [certificate, key, authority].map((file) => readText(file));
  const [[cert = "", secret = "", ca = ""], password] = await Promise.all([
    Promise.all(files),
    passwordFile === undefined ? undefined : readText(passwordFile),
  ]);
  const login = password === undefined ? {} : { login: `${monitoringUser}:${password.trim()}` };
  return { cert, key: secret, ca, ...login };
}

/** Collects figures and serves them until the signal. @throws Failure if the port is taken */
export async function serveCollector(collection: Collection, context: Context): Promise<void> {
  const { scraping, nodes, sqlSets, stackSets } = collection;
  const { signal } = context;
  // Every set waits with it.
  setMaxListeners(0, signal);
  const how = { results: new Results(), note: rarely(context.note), signal };
  const servers = nodes.map((settings) => new Node(settings, sqlSets, how));
  const probe = collection.probe?.(how);
  const pages: Pages = async (path) =>
    path === "/metrics"
      ? { type: textFormat, text: await renderResults(how.results, probe && [probe.registry]) }
      : undefined;
  const listening = (port: number): void => {
    context.note(`metrics on port ${port}`);
  };
  const serving = serve(parseListen(scraping.listen), pages, { ...how, listening, tls: () => tlsOf(scraping) });
  const collecting = [...servers.map((node) => node.collect(signal)), ...stackSets.map((set) => collectSet(set, how))];
  await Promise.all([serving, probe?.done, ...collecting]);
}
