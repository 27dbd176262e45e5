import { X509Certificate } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { callMember } from "../../lib/servers/patroni";
import { programStatus } from "../../lib/supervisor/supervisor";
import { diskOf } from "../../lib/system/disk";
import { frozen } from "../../lib/system/processes";
import type { LocalStackFile } from "../../contracts/stack-file";
import { messageOf } from "../../lib/errors";
import { within } from "../../lib/retry";
import { readRuns } from "../records/backup-runs";
import { readDrills } from "../drill/report";
import { count } from "../../lib/text/format";
import { ask, howdahSession, lockQuestion } from "../guard/question";
import { repositoryOf } from "../pgbackrest/command";
import { readCatalog } from "../pgbackrest/sets";
import { command } from "../../lib/servers/pgbouncer-console";
import { primaryOf, query } from "../session/sql";
import { broken, type Finding, good, neglected, unlessAny } from "./finding";
import { monitoringFindings } from "./monitoring";
import {
  type Archiver,
  judgeArchive,
  judgeBackups,
  judgeCertificates,
  judgeDisk,
  judgeDrill,
  judgeServices,
} from "./judges";

/** Seconds for one question. */
export const checkTimeout = 5;
/** Seconds for a check that starts a program and reads a repository. */
const longPatience = 20;

/** One part of the stack, and how to check it. */
export interface Check {
  readonly what: string;
  /** Seconds that it may take. */
  readonly seconds: number;
  readonly see: (job: LocalStackFile) => Promise<Finding | readonly Finding[]>;
}

async function services({ supervisor, services: wanted }: LocalStackFile): Promise<readonly Finding[]> {
  const states = await programStatus({ directory: supervisor });
  if (states.size === 0) return [broken("services", "the supervisor is not running: `make up` starts it")];
  const seen = [...states].map(async ([name, { state, pid }]): Promise<[string, string]> => {
    // For the supervisor it runs: it never ends.
    const stopped = pid !== undefined && (await frozen(pid));
    return [
      name,
      stopped ? `frozen (a signal has stopped process ${pid}; \`kill -CONT\` or a restart resumes it)` : state,
    ];
  });
  return judgeServices(wanted, new Map(await Promise.all(seen)));
}

/** Asks an HTTPS service of this machine, as the stack's own client. Returns what is wrong; undefined if it says 200. */
async function troubleOf(
  job: LocalStackFile,
  at: { readonly name: string; readonly port: number; readonly path: string },
) {
  const credentials = { caFile: job.tls.ca, certificateFile: job.tls.certificate, keyFile: job.tls.key };
  const member = { name: at.name, host: "127.0.0.1", port: at.port, restPort: at.port };
  try {
    const call = { method: "GET", path: at.path, timeout: checkTimeout * 1000 } as const;
    const { status, body } = await within(checkTimeout * 1000, callMember(member, credentials, call));
    return status === 200 ? undefined : `answers ${status} ${body.slice(0, 200)}`.trim();
  } catch {
    return "does not answer";
  }
}

async function etcd(job: LocalStackFile): Promise<readonly Finding[]> {
  const troubles = await Promise.all(
    job.etcd.map(async ({ name, clientPort }) => {
      // Its health is a read that needs a quorum.
      const trouble = await troubleOf(job, { name, port: clientPort, path: "/health" });
      return trouble === undefined ? [] : [broken("etcd", `${name} ${trouble}; its log is log/${name}.log`)];
    }),
  );
  return unlessAny(troubles.flat(), good("etcd", `${count(job.etcd.length, "member")} answer`));
}

async function patroni(job: LocalStackFile): Promise<readonly Finding[]> {
  const troubles = await Promise.all(
    job.servers.map(async ({ name, service, restPort }) => {
      const trouble = await troubleOf(job, { name, port: restPort, path: "/liveness" });
      return trouble === undefined ? [] : [broken("Patroni", `${service} ${trouble}; its log is log/${service}.log`)];
    }),
  );
  return unlessAny(troubles.flat(), good("Patroni", `${count(job.servers.length, "node")} answer`));
}

/** Logs in as the superuser, and takes some locks for a moment. */
async function superuser(job: LocalStackFile): Promise<readonly Finding[]> {
  const troubles = await Promise.all(
    job.servers.map(async ({ name, port }) => {
      const reply = await ask(
        howdahSession({ socketDirectory: job.socketDirectory, port }),
        lockQuestion,
        checkTimeout,
      );
      return reply.answer === "good" ? [] : [broken("superuser", `${name}: ${reply.reason}`)];
    }),
  );
  return unlessAny(troubles.flat(), good("superuser", `${count(job.servers.length, "server")} accept it`));
}

const archiverQuery = `SELECT extract(epoch FROM last_archived_time)::float8 AS "lastArchived",
  extract(epoch FROM last_failed_time)::float8 AS "lastFailed", last_failed_wal AS "failedWal",
  (SELECT extract(epoch FROM now() - min(modification))::float8 FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready') AS waiting
FROM pg_stat_archiver`;

async function archive(job: LocalStackFile): Promise<Finding> {
  const primary = await primaryOf(job);
  if (primary === undefined) return broken("archive", "no server is the primary, so none archives");
  const [row] = await query<Archiver & Record<string, unknown>>(primary, archiverQuery);
  if (row === undefined) throw new Error("pg_stat_archiver is empty");
  return judgeArchive(row, job.objectives.archiveSeconds);
}

const backups =
  (jobFile: string) =>
  async (job: LocalStackFile): Promise<readonly Finding[]> => {
    const [{ sets }, runs, { mtimeMs }] = await Promise.all([
      readCatalog(repositoryOf(job)),
      readRuns(job),
      stat(jobFile),
    ]);
    return judgeBackups({ sets, runs, tiers: job.tiers, scheduledAt: mtimeMs }, Date.now());
  };

async function certificates({ tls }: LocalStackFile): Promise<readonly Finding[]> {
  const folder = dirname(tls.ca);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".crt"));
  const seen = await Promise.all(
    names.map(async (name) => {
      const { validFrom, validTo } = new X509Certificate(await readFile(join(folder, name)));
      return { name, from: Date.parse(validFrom), to: Date.parse(validTo) };
    }),
  );
  return judgeCertificates(seen, Date.now());
}

async function disk({ repository, logical, folders }: LocalStackFile): Promise<readonly Finding[]> {
  const places = [
    folders.work,
    repository.path,
    ...("folder" in logical.destination ? [logical.destination.folder] : []),
  ];
  const findings = await Promise.all(places.map(async (path) => judgeDisk(await diskOf(path), path)));
  const [first] = findings;
  return unlessAny(findings.filter((one) => !one.good), first ?? good("disk", "")); // prettier-ignore
}

/** Its console lets the service user in; whether it lets applications in, only their logins can tell. */
async function pooler({ socketDirectory, poolerPort }: LocalStackFile): Promise<Finding> {
  const databases = await command({ socketDirectory, port: poolerPort }, "SHOW DATABASES");
  const held = databases.filter(({ paused, disabled }) => Number(paused) === 1 || Number(disabled) === 1);
  return held.length > 0
    ? broken(
        "PgBouncer",
        `pauses the clients of ${held.map(({ name }) => String(name)).join(", ")}: \`make up\` resumes them`,
      )
    : good("PgBouncer", `answers, ${count(databases.length - 1, "database")}`);
}

/** Everything that is looked at. @param jobFile file of the job; its age is that of the schedule */
const checksFor = (jobFile: string): readonly Check[] => [
  { what: "services", seconds: checkTimeout, see: services },
  { what: "etcd", seconds: 2 * checkTimeout, see: etcd },
  { what: "Patroni", seconds: 2 * checkTimeout, see: patroni },
  { what: "superuser", seconds: 2 * checkTimeout, see: superuser },
  { what: "PgBouncer", seconds: checkTimeout, see: pooler },
  { what: "archive", seconds: longPatience, see: archive },
  { what: "backups", seconds: longPatience, see: backups(jobFile) },
  {
    what: "drill",
    seconds: checkTimeout,
    see: async (job) => judgeDrill(await readDrills(job), job.objectives.drillSeconds, Date.now()),
  },
  { what: "certificates", seconds: checkTimeout, see: certificates },
  { what: "disk", seconds: checkTimeout, see: disk },
  { what: "monitoring", seconds: 2 * checkTimeout, see: monitoringFindings },
];

/** Parts that are not urgent for clients if they cannot be checked. */
const slow = new Set(["archive", "backups", "drill", "certificates", "disk", "monitoring"]);

/** Checks all parts of a stack, each with its time limit. Never rejects: a part that cannot be checked counts as broken. */
export async function checkAll(job: LocalStackFile, jobFile: string): Promise<Finding[]> {
  const findings = await Promise.all(
    checksFor(jobFile).map(async ({ what, seconds, see }): Promise<readonly Finding[]> => {
      try {
        return [await within(seconds * 1000, see(job))].flat();
      } catch (error) {
        return [(slow.has(what) ? neglected : broken)(what, messageOf(error))];
      }
    }),
  );
  return findings.flat();
}
