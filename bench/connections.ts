import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { processorTicks, servicePid, ticksPerSecond } from "../test/support/stack/processes";
import { smallConfig, TestStack } from "../test/support/stack/stack";
import { bench, type Figure, median, repeated, timed } from "./measure";
import { pgbench } from "./pgbench";

const connections = 1000;
const clients = 8;

/** Connects again for each transaction. */
const connectAgain = (url: string, script: string): Promise<string> =>
  pgbench(url, [
    "--no-vacuum",
    "--connect",
    ...["--client", String(clients), "--jobs", "2", "--transactions", String(connections / clients)],
    ...["--file", script],
  ]);

async function measure(stack: TestStack): Promise<Figure[]> {
  await stack.up();
  const url = (await stack.outputs()).connections["app"]?.readWrite ?? "";
  const script = join(stack.path("etc"), "select.sql");
  writeFileSync(script, "SELECT 1;\n");
  const pooler = await servicePid(stack, "pgbouncer");
  const work: number[] = [];
  const seconds = await repeated(async () => {
    const before = processorTicks(pooler);
    const took = await timed(() => connectAgain(url, script));
    work.push((processorTicks(pooler) - before) / ticksPerSecond);
    return took;
  });
  return [
    {
      what: `${connections} new connections (TLS, SCRAM), ${clients} at a time, one SELECT each`,
      seconds,
      note: (middle) => {
        const each = (median(work) / connections) * 1000;
        return `${(connections / middle).toFixed(0)} a second; PgBouncer ${each.toFixed(2)} ms of processor time each`;
      },
    },
  ];
}

bench(new TestStack("bench-connections", smallConfig(8400)), measure);
