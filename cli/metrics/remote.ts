import type { PoolerCollector } from "../../contracts/collector";
import type { SetName } from "../../contracts/metrics/collector";
import type { RemoteStackFile } from "../../contracts/stack-file";
import { Failure } from "../../lib/errors";
import { readText } from "../../lib/system/files";
import { remoteConfig } from "../session/remote-login";
import type { Collection } from "./collector";
import { stack } from "./sets/backups";
import { dumpDrills, dumpRuns, dumps } from "./sets/dumps";
import { pooler } from "./sets/pooler";
import { probing } from "./sets/probe";
import { certificates } from "./sets/services";
import { sqlSets } from "./sets/sql";
import { bound } from "./stack-set";

/** What is collected of a cloud's stack. @throws Failure if its job file is not the collector's */
export function remoteCollection(job: RemoteStackFile): Collection {
  const { monitoring, databases, server, objectives } = job;
  if (monitoring === undefined) throw new Failure("the job file is not the collector's: it names no servers");
  const { scraping, servers, sets, rpoSeconds, probe } = monitoring;
  const isWanted = ({ name }: { readonly name: SetName }): boolean => sets.includes(name);
  return {
    scraping,
    nodes: servers.map(({ name, host, port }) => ({
      name,
      connection: () => Promise.resolve(remoteConfig({ ...server, host, port })),
      // The owner of another database could keep the login out of it, and of everything that is collected there.
      home: "postgres",
      databases: databases.toSorted(),
    })),
    sqlSets: sqlSets.filter(isWanted),
    stackSets: [
      bound(dumps, job),
      bound(dumpRuns, job),
      bound(dumpDrills, job),
      bound(stack, { objectives, rpoSeconds, servers: servers.length }),
    ].filter(isWanted),
    ...(probe === undefined ? {} : { probe: (how) => probing(probe, how) }),
  };
}

/** What is collected next to one PgBouncer. */
export function poolerCollection({ scraping, console, certificates: files }: PoolerCollector): Collection {
  const { passwordFile, ...address } = console;
  const password = async (): Promise<string> => (await readText(passwordFile)).trim();
  const watched = Object.entries(files).map(([name, file]) => ({ name, file }));
  return {
    scraping,
    nodes: [],
    sqlSets: [],
    stackSets: [bound(pooler, { ...address, password }), bound(certificates, () => Promise.resolve(watched))],
  };
}
