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

type Events = Readonly<Record<string, RegExp>>;

/** The time and the process, with which PgBouncer and PostgreSQL begin each line. */
const begin = String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ UTC \[\d+\]`;

/** A line of PostgreSQL: its code (SQLSTATE) comes before the names that the client has chosen, and decides. */
const coded = (codes: string, words: string): RegExp =>
  new RegExp(String.raw`${begin}: \[\d+-1\] (${codes}) .*${words}`);

/**
 * What is counted in the logs of the servers. Messages are not translated: the servers run with lc_messages C. What a client has
 * chosen, such as a name or a statement, hides no event. It can add some: a line break in the name of a database that does not exist
 * begins another line.
 */
const serverEvents: Events = {
  "authentication failure": coded("28P01|28000", " FATAL: {2}"),
  "statement timeout": coded("57014", " ERROR: {2}canceling statement due to statement timeout"),
  "disk full": coded("53100", " (ERROR|FATAL|PANIC): {2}"),
  panic: coded(String.raw`\w{5}`, " PANIC: {2}"),
};

/** In the log of PgBouncer. */
const poolerEvents: Events = {
  "authentication failure": new RegExp(`${begin} WARNING C-.* pooler error: ${refusedLogin}`),
  "pooler error": new RegExp(`${begin} WARNING C-.* pooler error: (?!${refusedLogin})`),
};

/** Values of the label `event`. */
export const logEvents = [...new Set([...Object.keys(serverEvents), ...Object.keys(poolerEvents)])];

/** Counts events in new text. */
function countEvents(text: string, events: Events): Readonly<Record<string, number>> {
  const lines = text.split("\n");
  return Object.fromEntries(
    Object.entries(events).map(([event, form]) => [event, lines.filter((line) => form.test(line)).length]),
  );
}

/** Bytes of a log that are read at a time; a flood is read in several. */
const mostRead = 16 * MB;
/** Milliseconds for all logs; what is left then is for the next time. */
const budget = 4000;

/** What has logs. */
interface Logged extends Pick<LocalStackFile, "supervisor"> {
  readonly servers: readonly Pick<StackFileServer, "name" | "service">[];
}

interface LogFile {
  readonly service: string;
  readonly path: string;
  readonly events: Events;
}

/** Files that services log to: a server's Patroni to one, PostgreSQL to another for each day of the week. */
async function logFiles({ supervisor, servers }: Logged): Promise<LogFile[]> {
  const at = { directory: supervisor };
  const folder = logFolder(at);
  const names = await namesIn(folder);
  const ofServers = servers.flatMap(({ name, service }) =>
    names
      .filter((file) => file.startsWith(`postgresql-${name}-`))
      .map((file) => ({ service, path: join(folder, file), events: serverEvents })),
  );
  const ofPatroni = servers.map(({ service }) => ({ service, path: logFile(at, service), events: serverEvents }));
  return [...ofPatroni, ...ofServers, { service: "pgbouncer", path: logFile(at, "pgbouncer"), events: poolerEvents }];
}

/** Reads what is new in a file, from a byte on. @returns its events, and the byte to go on from */
async function readEvents({ path, events }: LogFile, from: number, size: number) {
  const until = Math.min(size, from + mostRead);
  const text = await readSince(path, from, until - from);
  // The rest of a line that is being written is for the next time, unless it fills all that is read at a time.
  const end = text.lastIndexOf("\n") + 1;
  const whole = end === 0 && until - from === mostRead ? text : text.slice(0, end);
  const rest = Math.min(Buffer.byteLength(text.slice(whole.length)), until - from);
  return { counts: countEvents(whole, events), position: until - rest, isDone: until === size };
}

export const logs = defineStackSet({
  name: "logs",
  interval: 15,
  start: (job: Logged) => {
    const positions = new Map<string, number>();
    const sums = new Map<string, Record<string, number>>();
    let isFirst = true;
    return async () => {
      const deadline = Date.now() + budget;
      const hasTime = (): boolean => Date.now() < deadline;
      let unread = 0;
      for (const file of await logFiles(job)) {
        const { service, path } = file;
        const size = await sizeOf(path);
        // What was there before the collector belongs to an earlier time; one that has become smaller has begun again.
        const known = positions.get(path) ?? (isFirst ? size : 0);
        let position = size < known ? 0 : known;
        let isDone = false;
        const sum = sums.get(service) ?? {};
        while (!isDone && hasTime()) {
          const read = await readEvents(file, position, size);
          for (const [event, count] of Object.entries(read.counts)) sum[event] = (sum[event] ?? 0) + count;
          ({ position, isDone } = read);
        }
        sums.set(service, sum);
        positions.set(path, position);
        if (!isDone) unread += size - position;
      }
      isFirst = false;
      if (unread > 0) throw new Error(`${unread} bytes of the logs are not read yet: they grow too fast`);
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
