import type { AlertName } from "../../../../components/monitoring/catalogue";
import type { Cases } from "./case";
import { etcdCases, haproxyCases, patroniCases } from "./coordination";
import { hostCases } from "./host";
import { poolerCases } from "./pooler";
import { replicationCases } from "./replication";
import { securityCases } from "./security";
import { serviceCases } from "./service";
import { sessionCases } from "./sessions";
import { speedCases } from "./speed";
import { backupCases, storageCases } from "./storage";
import { vacuumCases } from "./vacuum";
import { objectiveCases, watcherCases } from "./watchers";

/** Every level of every alert. */
export const cases: Cases<AlertName> = {
  ...serviceCases,
  ...patroniCases,
  ...etcdCases,
  ...haproxyCases,
  ...replicationCases,
  ...sessionCases,
  ...speedCases,
  ...vacuumCases,
  ...storageCases,
  ...backupCases,
  ...poolerCases,
  ...hostCases,
  ...securityCases,
  ...watcherCases,
  ...objectiveCases,
};
