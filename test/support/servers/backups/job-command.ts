import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RemoteStackFile } from "../../../../contracts/stack-file";
import { buildBundles, commandAsOneFile } from "../../../../setup/build";
import { checkout } from "../../../../lib/paths";
import { createReporter, onlyProgress } from "../../../../lib/reporter";
import { type CommandRun, endOf } from "../../command-run";
import { asServer } from "../routing/throwaway-pooler";
import { serverUser } from "../postgres/tls-postgres";

const quiet = { ...onlyProgress(createReporter()), note: () => undefined };

/** Writes the `howdah` command, of the sources as they are, to a file; as it is installed, and bundled again if they changed. */
export async function copyCommand(to: string): Promise<void> {
  await buildBundles(quiet, [commandAsOneFile]);
  copyFileSync(join(checkout, commandAsOneFile.output), to);
}

/** The `howdah` command as a container runs it: one file, an ordinary user, an environment of a few variables. */
export class JobCommand {
  private constructor(
    private readonly place: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** Puts the command into a folder that the service user gets. */
  static async make(place: string, environment: Readonly<Record<string, string>> = {}): Promise<JobCommand> {
    await copyCommand(join(place, "howdah.cjs"));
    execFileSync("chown", ["-R", serverUser, place]);
    return new JobCommand(place, environment);
  }

  /** Writes a job's file and returns its path. */
  file(name: string, job: RemoteStackFile): string {
    const file = join(this.place, `${name}.json`);
    writeFileSync(file, JSON.stringify(job));
    return file;
  }

  /** Starts `howdah WORDS`; its output goes to the pipes. */
  start(words: readonly string[]): ChildProcess {
    const [program, args] = asServer([process.execPath, join(this.place, "howdah.cjs"), ...words]);
    // What somebody may have set for sessions of his own: no job may see it.
    const foreign = {
      PGSERVICE: "nosuch",
      PGHOST: "192.0.2.1",
      PGOPTIONS: "-c statement_timeout=1ms",
      PGSSLMODE: "disable",
    };
    const env = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", ...foreign, ...this.environment };
    return spawn(program, args, { cwd: "/", env, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Runs `howdah --json WORDS` to its end. @param onSaid called with all of its standard error whenever that grows */
  run(words: readonly string[], onSaid?: (said: string) => void): Promise<CommandRun> {
    return endOf(this.start(["--json", ...words]), onSaid);
  }
}
