import { setMaxListeners } from "node:events";
import type { Registry } from "prom-client";
import type { ClientConfig } from "pg";
import { monitoringLogin } from "../../components/postgres/access/matrix";
import { monitoringUser } from "../../contracts/monitoring";
import type { LocalStackFile } from "../../contracts/stack-file";
import { Failure } from "../../lib/errors";
import { readText } from "../../lib/system/files";
import type { Context } from "../kit/answer";
import { Node } from "./node";
import { Results } from "./results";
import { renderText, type Series, single } from "./series";
import { type Pages, parseListen, serve, textFormat } from "./server";
import { backups, drills, stack } from "./sets/backups";
import { pooler } from "./sets/pooler";
import { probing } from "./sets/probe";
import { certificates, logs, services } from "./sets/services";
import { sqlSets } from "./sets/sql";
import { collectSet, type MonitoredStack, type StackSet } from "./stack-set";

/** Sets of the stack that are not read from a server. */
export const stackSets: readonly StackSet[] = [pooler, services, logs, certificates, backups, drills, stack];

/** Every server listens here, and its certificate bears this address. */
const loopback = "127.0.0.1";

/** What the process says of itself, as all exporters do. */
function ownSeries(): Series {
  const { user, system } = process.cpuUsage();
  return {
    process_cpu_seconds_total: single((user + system) / 1e6),
    process_resident_memory_bytes: single(process.memoryUsage.rss()),
    process_start_time_seconds: single(Date.now() / 1000 - process.uptime()),
  };
}

async function connectionTo(job: MonitoredStack, port: number): Promise<ClientConfig> {
  const { authority, loginPasswordFile } = job.monitoring;
  const [ca, password] = await Promise.all([readText(authority), readText(loginPasswordFile)]);
  return { host: loopback, port, user: monitoringLogin, password: password.trim(), ssl: { ca } };
}

/** What all sets have collected, as text for Prometheus. */
export async function renderResults(results: Results, registries: readonly Registry[] = []): Promise<string> {
  const own = renderText([...results.series(), ownSeries()]);
  const others = await Promise.all(registries.map((registry) => registry.metrics()));
  return [own, ...others].join("");
}

const isMonitored = (job: LocalStackFile): job is MonitoredStack => job.monitoring !== undefined;

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

/**
 * Collects the figures of a stack of this machine and serves them until the signal.
 * @throws Failure if the job file does not say how it is monitored, or the port is taken
 */
export async function serveCollector(job: LocalStackFile, context: Context): Promise<void> {
  if (!isMonitored(job))
    throw new Failure(`monitoring is disabled in stack "${job.stack}": set monitoring.enabled and run \`make up\``);
  const { monitoring, servers, databases } = job;
  const { signal } = context;
  // Every set waits with it.
  setMaxListeners(0, signal);
  const how = { results: new Results(), note: rarely(context.note), signal };
  const nodes = servers.map(({ name, port }) => {
    const connection = (): Promise<ClientConfig> => connectionTo(job, port);
    return new Node({ name, connection, home: "postgres", databases: [...databases].sort() }, sqlSets, how);
  });
  const probe = monitoring.probe === undefined ? undefined : probing(job, monitoring.probe, how);
  const pages: Pages = async (path) => {
    if (path === "/healthz") return { type: "text/plain", text: "ok\n" };
    if (path !== "/metrics") return undefined;
    return { type: textFormat, text: await renderResults(how.results, probe && [probe.registry]) };
  };
  const [cert, key, ca, password] = await Promise.all([
    readText(monitoring.certificate),
    readText(monitoring.key),
    readText(monitoring.authority),
    readText(monitoring.passwordFile),
  ]);
  const tls = { cert, key, ca, user: monitoringUser, password: password.trim() };
  const listening = (port: number): void => {
    context.note(`metrics on port ${port}`);
  };
  const serving = serve(parseListen(monitoring.listen), pages, { signal, listening, tls });
  const collecting = [
    ...nodes.map((node) => node.collect(signal)),
    ...stackSets.map((set) => collectSet(set, job, how)),
  ];
  await Promise.all([serving, probe?.done, ...collecting]);
}
