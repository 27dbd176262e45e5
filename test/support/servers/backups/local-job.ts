import { join } from "node:path";
import type { LocalStackFile } from "../../../../contracts/stack-file";
import { tierNames } from "../../../../contracts/tiers";

/** A job of a cluster of this machine, all of whose files are in `folder`. */
export const localJob = (folder: string, more: Partial<LocalStackFile> = {}): LocalStackFile => ({
  kind: "local",
  stack: "test",
  program: ["/usr/bin/false"],
  postgresBin: folder,
  socketDirectory: folder,
  servers: [1, 2].map((number) => ({
    name: `node${number}`,
    port: 5431 + number,
    dataDirectory: join(folder, `node${number}`, "data"),
    backrestFile: join(folder, "pgbackrest.conf"),
    patroniFile: join(folder, `patroni-node${number}.yml`),
    service: `patroni-node${number}`,
    restPort: 8000 + number,
  })),
  etcd: [],
  poolerPort: 6432,
  services: [],
  supervisor: join(folder, "supervisor"),
  patronictl: join(folder, "patronictl"),
  tls: { ca: folder, certificate: folder, key: folder },
  databases: [],
  repository: {
    configFile: join(folder, "pgbackrest.conf"),
    stanza: "main",
    path: join(folder, "repository"),
    processes: 1,
  },
  tiers: Object.fromEntries(
    tierNames.map((name) => [name, { schedule: null, keptSeconds: 60 }]),
  ) as LocalStackFile["tiers"],
  logical: { destination: { folder } },
  objectives: { rtoSeconds: 30, archiveSeconds: 60, drillSeconds: 60, pointInTimeSeconds: 60 },
  folders: { work: folder, history: folder, metrics: folder },
  ...more,
});

/** A verb's surroundings that nobody listens to. */
export const quiet = {
  progress: (): void => undefined,
  note: (): void => undefined,
  signal: new AbortController().signal,
};
