import { backup } from "./commands/backup";
import { backups } from "./commands/backups";
import { connect } from "./commands/connect";
import { down } from "./commands/down";
import { drill } from "./commands/drill";
import { health } from "./commands/health";
import { completeSwitch } from "./commands/internal/complete-switch";
import { drainPooler } from "./commands/internal/drain-pooler";
import { guard } from "./commands/internal/guard";
import { route } from "./commands/internal/route";
import { serveMetrics } from "./commands/internal/serve-metrics";
import { servePoolerMetrics } from "./commands/internal/serve-pooler-metrics";
import { maintain } from "./commands/maintain";
import { pulumi } from "./commands/pulumi";
import { restore } from "./commands/restore";
import { restoreDump } from "./commands/restore-dump";
import { status } from "./commands/status";
import { up } from "./commands/up";
import { groups, type Verb } from "./kit/command";

const verbs: readonly Verb[] = [
  up,
  status,
  connect,
  down,
  pulumi,
  backup,
  backups,
  drill,
  restore,
  restoreDump,
  maintain,
  health,
  route,
  serveMetrics,
  servePoolerMetrics,
  drainPooler,
  guard,
  completeSwitch,
];

/** Every verb of the `howdah` command, group by group; a new one is a file in `cli/commands/` and a row here. */
export const registry: readonly Verb[] = Object.keys(groups).flatMap((group) =>
  verbs.filter((verb) => verb.group === group),
);
