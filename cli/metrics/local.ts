import { dirname, join } from "node:path";
import type { ClientConfig } from "pg";
import { monitoringLogin } from "../../components/postgres/access/matrix";
import type { LocalStackFile, Monitoring } from "../../contracts/stack-file";
import { Failure } from "../../lib/errors";
import { namesIn, readText } from "../../lib/system/files";
import type { Collection } from "./collector";
import { backupRuns, backups, drills, listed, repository, stack } from "./sets/backups";
import { pooler } from "./sets/pooler";
import { probing } from "./sets/probe";
import { certificates, type CertificateFile, logs, services } from "./sets/services";
import { sqlSets } from "./sets/sql";
import { bound } from "./stack-set";

/** A stack whose job file says how it is monitored. */
export interface MonitoredStack extends LocalStackFile {
  readonly monitoring: Monitoring;
}

const isMonitored = (job: LocalStackFile): job is MonitoredStack => job.monitoring !== undefined;

/** Every server listens here, and its certificate bears this address. */
const loopback = "127.0.0.1";

async function connectionTo({ monitoring }: MonitoredStack, port: number): Promise<ClientConfig> {
  const { authority, loginPasswordFile } = monitoring;
  const [ca, password] = await Promise.all([readText(authority), readText(loginPasswordFile)]);
  return { host: loopback, port, user: monitoringLogin, password: password.trim(), ssl: { ca } };
}

async function certificatesIn(folder: string): Promise<readonly CertificateFile[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".crt"));
  return names.map((name) => ({ name, file: join(folder, name) }));
}

/** What is collected of a stack of this machine. @throws Failure if its job file does not say how it is monitored */
export function localCollection(job: LocalStackFile): Collection {
  if (!isMonitored(job))
    throw new Failure(
      `monitoring is disabled in stack "${job.stack}": set monitoring.enabled to true, or remove it, and run \`make up\``,
    );
  const { monitoring, servers, databases, socketDirectory, poolerPort, objectives, supervisor } = job;
  const { probe, authority, rpoSeconds } = monitoring;
  const repositoryOf = listed(job);
  return {
    scraping: monitoring,
    nodes: servers.map(({ name, port }) => ({
      name,
      connection: () => connectionTo(job, port),
      home: "postgres",
      databases: [...databases].sort(),
    })),
    sqlSets,
    stackSets: [
      bound(pooler, { socketDirectory, port: poolerPort }),
      bound(services, job),
      bound(logs, job),
      bound(certificates, () => certificatesIn(dirname(job.tls.ca))),
      bound(backups, repositoryOf),
      bound(backupRuns, job),
      bound(repository, repositoryOf),
      bound(drills, job),
      bound(stack, { objectives, rpoSeconds, servers: servers.length, supervisor }),
    ],
    ...(probe === undefined
      ? {}
      : { probe: (how) => probing({ host: loopback, port: poolerPort, authority, ...probe }, how) }),
  };
}
