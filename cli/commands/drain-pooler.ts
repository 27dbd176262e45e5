import { type Command, InvalidArgumentError } from "commander";
import { drain } from "../routing/drain";
import { type Answer, runPlainVerb } from "../kit/run-verb";
import { parseDuration } from "../kit/words";
import type { Context } from "../kit/context";

interface DrainWords {
  readonly grace: number;
  readonly settle: number;
  readonly socketDirectory: string;
  readonly port: number;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("a port");
  return port;
}

async function run({ grace, settle, socketDirectory, port }: DrainWords, context: Context): Promise<Answer> {
  const drained = await drain({ socketDirectory, port }, { grace, settle }, context);
  const { outcome, clients, seconds } = drained;
  return { data: drained, text: `${outcome} after ${seconds} s; ${clients} clients are left` };
}

/** `howdah drain-pooler`. */
export function registerDrainPooler(program: Command): void {
  const command = program
    .command("drain-pooler")
    .description("Wait until a PgBouncer that gets no new clients has none left; before its pod ends")
    .requiredOption("--grace <duration>", 'wait no longer than this, such as "300 seconds"', parseDuration)
    .option(
      "--settle <duration>",
      "time without a client after which none will come; default: 5 seconds",
      parseDuration,
      5_000,
    )
    .option("--socket-directory <folder>", "folder of PgBouncer's Unix socket", "/run/pgbouncer")
    .option("--port <port>", "PgBouncer's port", parsePort, 6432);
  command.action((words: DrainWords) => runPlainVerb(command, (context) => run(words, context)));
}
