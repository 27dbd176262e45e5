import { Command } from "commander";
import "./kit/environment";
import { version } from "../package.json";
import { exitCodes } from "./kit/exit-codes";
import { registerBackup } from "./commands/backup";
import { registerBackups } from "./commands/backups";
import { registerDrainPooler } from "./commands/drain-pooler";
import { registerDrill } from "./commands/drill";
import { registerGuard } from "./commands/guard";
import { registerHealth } from "./commands/health";
import { registerMaintain } from "./commands/maintain";
import { registerRestore } from "./commands/restore";
import { registerRestoreDump } from "./commands/restore-dump";
import { registerRoute } from "./commands/route";
import { registerServeMetrics } from "./commands/serve-metrics";

const codes = `
Exit codes:
  ${exitCodes.ok}    done
  ${exitCodes.failed}    something went wrong on the way
  ${exitCodes.usage}    the command line is off
  ${exitCodes.refused}    nothing was begun: it cannot be done, or was not confirmed
  ${exitCodes.unsound}    a drill found that a backup cannot be relied on
  130  interrupted
`;

const program = new Command("howdah")
  .description("Day-two work on a howdah stack")
  .version(version)
  .option("--stack <name>", "stack; default: PULUMI_STACK, else local")
  .option("--job-file <file>", "the stack's job file, in place of asking for its outputs")
  .option("--json", "one JSON document on standard output")
  .showHelpAfterError("(howdah --help lists the commands)")
  .addHelpText("after", codes)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  });

const verbs = [
  registerBackup,
  registerBackups,
  registerRestore,
  registerRestoreDump,
  registerDrill,
  registerMaintain,
  registerServeMetrics,
  registerRoute,
  registerDrainPooler,
  registerGuard,
  registerHealth,
];
for (const register of verbs) register(program);

void program.parseAsync();
