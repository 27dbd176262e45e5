import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../lib/process/attended";
import { asOwner, mustHowdah } from "../test/support/stack/howdah";
import { rolesOf } from "../test/support/stack/nodes";
import { smallConfig, superuser, TestStack } from "../test/support/stack/stack";
import { type Arm, alternate, bench, type Figure, timed } from "./measure";

const portBase = 8200;
const megabytes = Number(process.env["MEGABYTES"] ?? 1000);

function runAsOwner(...command: string[]): void {
  const [program = "", ...commandArgs] = [...asOwner, ...command];
  const { code, stderr } = capture({ program, args: commandArgs, cwd: "/" });
  if (code !== 0) throw new Error(`${program} failed (${code}): ${stderr}`);
}

/** Rows half of which compress well: neither zeros nor noise. */
async function fill(stack: TestStack): Promise<void> {
  const rows = megabytes * 1000;
  const text =
    "repeat(md5(g::text), 16) || encode(sha512(g::text::bytea), 'hex') || encode(sha512((-g)::text::bytea), 'hex')";
  await stack.query(
    "app_migrator",
    `SET statement_timeout = 0; CREATE TABLE app.bulk AS SELECT g AS id, ${text} AS text FROM generate_series(1, ${rows}) g`,
  );
  await superuser(stack, (await rolesOf(stack)).primary.port, "CHECKPOINT");
}

const ours = /^(repo1-bundle|compress-type|compress-level|process-max|job-retry)=.*\n/gm;

/**
 * pgBackRest as it comes (one process, gzip, no bundles), in a repository of its own on the same server. The archive stays ours:
 * a backup there does not wait for its WAL.
 */
function stockConfiguration(stack: TestStack, repository: string): string {
  const own = readFileSync(stack.path("etc", "pgbackrest.conf"), "utf8").replace(ours, "");
  const text = own.replace(/^repo1-path=.*$/m, `repo1-path=${repository}\narchive-check=n`);
  const file = stack.path("work", "stock.conf");
  writeFileSync(file, text, { mode: 0o644 });
  return file;
}

const pgbackrest = (file: string, ...commandArgs: string[]): void => {
  runAsOwner("/usr/bin/pgbackrest", `--config=${file}`, "--stanza=main", "--log-level-console=off", ...commandArgs);
};

function backupArms(stack: TestStack, dataDirectory: string): Arm[] {
  const repository = stack.path("work", "stock");
  const tarball = stack.path("work", "tarball");
  runAsOwner("mkdir", "-p", repository);
  const file = stockConfiguration(stack, repository);
  pgbackrest(file, "--no-online", "stanza-create");
  const tar = `tar -C ${dataDirectory} --exclude=pg_wal -cf - . 2>/dev/null | lz4 -1 -q - > ${tarball}; rm ${tarball}`;
  return [
    { what: "howdah backup full", run: () => mustHowdah(stack, "backup", "full") },
    {
      what: "pgBackRest, stock settings",
      run: () => {
        pgbackrest(file, "--type=full", "backup");
      },
    },
    {
      what: "tar | lz4 -1",
      run: () => {
        runAsOwner("sh", "-c", tar);
      },
    },
  ];
}

/** Ends the server that was restored into a folder, if one was, and removes the folder. */
function clear(folder: string): void {
  const pid = join(folder, "data", "postmaster.pid");
  if (existsSync(pid)) process.kill(Number(readFileSync(pid, "utf8").split("\n")[0]), "SIGQUIT");
  rmSync(folder, { recursive: true, force: true });
}

/** Both clear up outside the measured time. */
function restoreArms(stack: TestStack, dataDirectory: string): Arm[] {
  const into = stack.path("work", "restored");
  const copy = stack.path("work", "copy");
  const arm = (folder: string, work: () => unknown) => async (): Promise<number> => {
    const seconds = await timed(work);
    clear(folder);
    return seconds;
  };
  return [
    {
      what: "howdah restore --into: files, replay, start",
      run: arm(into, () => mustHowdah(stack, "restore", "--immediate", "--into", into)),
    },
    {
      what: "cp -a of the data directory",
      run: arm(copy, () => {
        runAsOwner("cp", "-a", dataDirectory, copy);
      }),
    },
  ];
}

async function measure(stack: TestStack): Promise<Figure[]> {
  await stack.up();
  await fill(stack);
  const { primary } = await rolesOf(stack);
  const size = Number(
    capture({ program: "du", args: ["-sm", "--exclude=pg_wal", primary.dataDirectory] }).stdout.split("\t")[0],
  );
  const rate = (seconds: number): string => `${(size / seconds).toFixed(0)} MB/s`;
  const backups = await alternate(backupArms(stack, primary.dataDirectory));
  const restores = await alternate(restoreArms(stack, primary.dataDirectory));
  const drills = await alternate([{ what: "howdah drill --quick", run: () => mustHowdah(stack, "drill", "--quick") }]);
  return [...backups, ...restores, ...drills].map((figure) => ({ ...figure, note: rate }));
}

const config = {
  ...smallConfig(portBase),
  postgres: { version: 15, replicas: 0, memory: "1 GB", cpus: 2 },
  objectives: { rto: "5 minutes", rpo: "5 minutes" },
};
bench(new TestStack("e2e-bench", config), measure, `a cluster of ${megabytes} MB`);
