import "./environment";
import { Command } from "commander";
import { version } from "../package.json";
import { exitCodes } from "./refusal";
import { registerBackup } from "./verbs/backup";
import { registerBackups } from "./verbs/backups";
import { registerDrainPooler } from "./verbs/drain-pooler";
import { registerDrill } from "./verbs/drill";
import { registerGuard } from "./verbs/guard";
import { registerHealth } from "./verbs/health";
import { registerMaintain } from "./verbs/maintain";
import { registerRestore } from "./verbs/restore";
import { registerRestoreDump } from "./verbs/restore-dump";
import { registerRoute } from "./verbs/route";
import { registerServeMetrics } from "./verbs/serve-metrics";

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
