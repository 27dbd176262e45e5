import { join } from "node:path";
import { Command } from "commander";
import { runScript } from "../../lib/errors";
import { writeWhole } from "../../lib/files";
import { graphText } from "./graph";
import { stackGraph } from "./program";
import { checkout } from "../../lib/paths";

/** Stacks whose graphs are kept in the repository, so that a change of the graph is seen in review. */
export const snapshotStacks = ["staging", "prod"] as const;

/** File of a kept graph. */
export const snapshotFile = (stack: string): string => join(checkout, "docs", "graphs", `${stack}.json`);

interface Options {
  readonly stack?: string;
  readonly out?: string;
  readonly config?: string;
  readonly snapshots?: true;
}

async function run({ stack, out, config, snapshots }: Options): Promise<number> {
  if (snapshots === true) {
    for (const one of snapshotStacks) writeWhole(snapshotFile(one), graphText(await stackGraph({ stack: one })));
    return 0;
  }
  const text = graphText(await stackGraph({ stack: stack ?? "prod", config }));
  if (out === undefined) process.stdout.write(text);
  else writeWhole(out, text);
  return 0;
}

if (require.main === module) {
  const command = new Command("graph")
    .description("Write the resources that a stack registers, with their references; secrets are left out.")
    .option("--stack <name>", "the stack (default: prod)")
    .option("--config <file>", "its config, instead of Pulumi.<stack>.yaml")
    .option("--out <file>", "where to write (default: standard output)")
    .option("--snapshots", "regenerate docs/graphs/")
    .allowExcessArguments(false)
    .parse();
  runScript(() => run(command.opts<Options>()));
}
