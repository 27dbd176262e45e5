import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/errors";
import { follow } from "../lib/process/attended";
import { processorTicks, servicePid } from "../test/support/stack/processes";
import { smallConfig, TestStack } from "../test/support/stack/stack";
import { bench, type Figure, median, repeated, timed } from "./measure";

const connections = 1000;
const clients = 8;
/** Of `/proc/<pid>/stat`; the kernel counts in USER_HZ, which is 100 on Linux. */
const ticksPerSecond = 100;

/** Connects again for each transaction as a client of the stack does: TLS, verify-full, SCRAM. */
async function connectAgain(url: URL, script: string): Promise<void> {
  const counts = ["--client", String(clients), "--jobs", "2", "--transactions", String(connections / clients)];
  const { code, stderr } = await follow(
    {
      program: "/usr/lib/postgresql/15/bin/pgbench",
      args: ["--no-vacuum", "--connect", ...counts, "--file", script],
      cwd: "/",
      variables: {
        PGHOST: url.hostname,
        PGPORT: url.port,
        PGUSER: url.username,
        PGPASSWORD: decodeURIComponent(url.password),
        PGDATABASE: url.pathname.slice(1),
        PGSSLMODE: "verify-full",
        PGSSLROOTCERT: url.searchParams.get("sslrootcert") ?? "",
      },
    },
    () => undefined,
  );
  if (code !== 0) throw new Failure(`pgbench failed:\n${stderr}`);
}

async function measure(stack: TestStack): Promise<Figure[]> {
  await stack.up();
  const url = new URL((await stack.outputs()).connections["app"]?.readWrite ?? "");
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
