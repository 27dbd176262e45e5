import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { LocalStackFile, StackFileServer } from "../../../contracts/stack-file";
import { logFile, logFolder, programStatus } from "../../../lib/supervisor/supervisor";
import { namesIn, readSince, readText, sizeOf } from "../../../lib/system/files";
import { MB } from "../../../lib/units";
import { defineStackSet } from "../stack-set";

export const services = defineStackSet({
  name: "services",
  interval: 15,
  start: ({ supervisor, services: declared }: Pick<LocalStackFile, "supervisor" | "services">) => {
    const starts = new Map<string, number>();
    const restarts = new Map<string, number>();
    return async () => {
      const states = await programStatus({ directory: supervisor });
      const rows = declared.map((service) => ({
        service,
        ...(states.get(service) ?? { state: "UNKNOWN", pid: undefined, start: 0 }),
      }));
      for (const { service, start } of rows) {
        const before = starts.get(service);
        // 0 is one that has not been started yet.
        if (before !== undefined && before > 0 && start > before)
          restarts.set(service, (restarts.get(service) ?? 0) + 1);
        starts.set(service, start);
      }
      return {
        howdah_service_up: rows.map(({ service, state }) => [{ service }, Number(state === "RUNNING")]),
        howdah_service_state: rows.map(({ service, state }) => [{ service, state }, 1]),
        howdah_service_start_time_seconds: rows.flatMap(({ service, start }) =>
          start === 0 ? [] : [[{ service }, start] as const],
        ),
        howdah_service_restarts_total: rows.map(({ service }) => [{ service }, restarts.get(service) ?? 0]),
      };
    };
  },
});

/** What PgBouncer calls a refused login; it says so in several lines, of which one is a pooler error. */
const refusedLogin = "((password|SASL) authentication failed|no such user|login rejected)";

/** What PostgreSQL writes after the prefix of a line. */
const severity = / (?:DEBUG\d?|INFO|NOTICE|WARNING|LOG|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION): {2}/;

/**
 * What is counted in the logs. PostgreSQL's messages are not translated: the servers run with lc_messages C. Statements and other
 * words of users come after a severity of their own, or on further lines, which begin with a tab; only a client's application name
 * comes before it, and can pretend to be a message.
 */
const events: Readonly<Record<string, RegExp>> = {
  "authentication failure": new RegExp(
    `^( FATAL: {2}(password authentication failed|no pg_hba\\.conf entry|pg_hba\\.conf rejects)|.*pooler error: ${refusedLogin})`,
  ),
  "statement timeout": /^ ERROR: {2}canceling statement due to statement timeout/,
  "pooler error": new RegExp(`pooler error: (?!${refusedLogin})`),
  "disk full": /^ (ERROR|FATAL|PANIC): {2}.*No space left on device/,
  panic: /^ PANIC: {2}/,
};

/** A line from its first severity on; the whole line of a program that writes none. */
function messageIn(line: string): string {
  if (line.startsWith("\t")) return "";
  const { index = 0 } = severity.exec(line) ?? {};
  return line.slice(index);
}

/** Counts events in new text. */
export function countEvents(text: string): Readonly<Record<string, number>> {
  const lines = text.split("\n").map(messageIn);
  return Object.fromEntries(
    Object.entries(events).map(([event, form]) => [event, lines.filter((line) => form.test(line)).length]),
  );
}

/** Bytes of a log that are read at a time; a flood is read in several. */
const mostRead = 16 * MB;

/** What has logs. */
interface Logged extends Pick<LocalStackFile, "supervisor"> {
  readonly servers: readonly Pick<StackFileServer, "name" | "service">[];
}

/** Files that services log to: a server's Patroni to one, PostgreSQL to another for each day of the week. */
async function logFiles({ supervisor, servers }: Logged): Promise<{ service: string; path: string }[]> {
  const at = { directory: supervisor };
  const folder = logFolder(at);
  const names = await namesIn(folder);
  const ofServers = servers.flatMap(({ name, service }) =>
    names
      .filter((file) => file.startsWith(`postgresql-${name}-`))
      .map((file) => ({ service, path: join(folder, file) })),
  );
  const own = [...servers.map(({ service }) => service), "pgbouncer"];
  return [...own.map((service) => ({ service, path: logFile(at, service) })), ...ofServers];
}

export const logs = defineStackSet({
  name: "logs",
  interval: 15,
  start: (job: Logged) => {
    const positions = new Map<string, number>();
    const sums = new Map<string, Record<string, number>>();
    let isFirst = true;
    return async () => {
      for (const { service, path } of await logFiles(job)) {
        const size = await sizeOf(path);
        // What was there before the collector belongs to an earlier time; one that has become smaller has begun again.
        const known = positions.get(path) ?? (isFirst ? size : 0);
        const from = size < known ? 0 : known;
        const until = Math.min(size, from + mostRead);
        const text = await readSince(path, from, until - from);
        // The rest of a line that is being written is for the next time, unless it fills all that is read at a time.
        const end = text.lastIndexOf("\n") + 1;
        const whole = end === 0 && until - from === mostRead ? text : text.slice(0, end);
        const counts = sums.get(service) ?? {};
        for (const [event, count] of Object.entries(countEvents(whole))) counts[event] = (counts[event] ?? 0) + count;
        sums.set(service, counts);
        positions.set(path, until - Math.min(Buffer.byteLength(text.slice(whole.length)), until - from));
      }
      isFirst = false;
      return {
        howdah_log_events_total: [...sums].flatMap(([service, counts]) =>
          Object.entries(counts).map(([event, count]) => [{ service, event }, count] as const),
        ),
      };
    };
  },
});

/** A certificate, PEM, and the name that its series have. */
export interface CertificateFile {
  readonly name: string;
  readonly file: string;
}

export const certificates = defineStackSet({
  name: "certificates",
  interval: 300,
  start: (files: () => Promise<readonly CertificateFile[]>) => async () => {
    const found = await Promise.all(
      (await files()).map(async ({ name, file }) => {
        const { validFrom, validTo } = new X509Certificate(await readText(file));
        return { labels: { name }, from: Date.parse(validFrom) / 1000, to: Date.parse(validTo) / 1000 };
      }),
    );
    return {
      howdah_certificate_not_after_timestamp_seconds: found.map(({ labels, to }) => [labels, to]),
      howdah_certificate_not_before_timestamp_seconds: found.map(({ labels, from }) => [labels, from]),
    };
  },
});
