import type { SqlSet } from "../sql-set";
import { availability } from "./availability";
import { checkpoints } from "./checkpoints";
import { databases, sizes } from "./databases";
import { bloat, indexes, sequences } from "./indexes";
import { inputOutput, slruCaches } from "./io";
import { replication, walReceiver } from "./replication";
import { locks, progress, sessions } from "./sessions";
import { configurationFiles, roles, settings, xid } from "./settings";
import { statements } from "./statements";
import { tables } from "./tables";
import { wal, walFiles } from "./wal";

/** Every set that SQL fills. */
export const sqlSets: readonly SqlSet[] = [
  availability,
  replication,
  walReceiver,
  wal,
  walFiles,
  checkpoints,
  inputOutput,
  slruCaches,
  databases,
  sizes,
  sessions,
  locks,
  progress,
  xid,
  settings,
  configurationFiles,
  roles,
  statements,
  tables,
  indexes,
  bloat,
  sequences,
];
