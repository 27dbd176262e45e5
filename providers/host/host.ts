import type { Plugin } from "../runtime/resource";
import { version } from "../../package.json";
import { administratorScript } from "./resources/administrator-script";
import { backupStanza } from "./resources/backup-stanza";
import { certificate, certificateAuthority } from "./resources/certificates";
import { directory } from "./resources/directory";
import { file } from "./resources/file";
import { fixed } from "./resources/fixed";
import { pooledSessions } from "./resources/pooled-sessions";
import { postgresCluster } from "./resources/postgres-cluster";
import { removals } from "./resources/removals";
import { restoreDrill } from "./resources/restore-drill";
import { script } from "./resources/script";
import { service } from "./resources/service";
import { supervisor } from "./resources/supervisor";

/** The `host` provider: services, files, certificates and the PostgreSQL cluster of this machine. */
export const host: Plugin = {
  name: "host",
  version,
  resources: {
    "host:index:AdministratorScript": administratorScript,
    "host:index:BackupStanza": backupStanza,
    "host:index:Certificate": certificate,
    "host:index:CertificateAuthority": certificateAuthority,
    "host:index:Directory": directory,
    "host:index:File": file,
    "host:index:Fixed": fixed,
    "host:index:PooledSessions": pooledSessions,
    "host:index:PostgresCluster": postgresCluster,
    "host:index:Removals": removals,
    "host:index:RestoreDrill": restoreDrill,
    "host:index:Script": script,
    "host:index:Service": service,
    "host:index:Supervisor": supervisor,
  },
};
