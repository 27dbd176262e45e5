import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Destination } from "../../../../contracts/stack-file";
import { defaultTiers, tierNames } from "../../../../contracts/tiers";
import { toSeconds } from "../../../../lib/values";
import type { Context } from "../../../../cli/kit/answer";
import type { LogicalJob } from "../../../../cli/dumps/job";
import type { ThrowawayPostgres } from "../postgres/throwaway-postgres";

/** A folder for one test file, and jobs in it. */
export interface Logical {
  readonly folder: string;
  readonly job: LogicalJob;
  /** Where the job's backups go, unless told otherwise. */
  readonly store: string;
  /** File with a key of its own. */
  identity(name: string): Promise<string>;
  /** The function of that name, for the server's programs. */
  programsWith(name: string, script: string): string;
  /** What the store holds. */
  objects(): string[];
  remove(): void;
}

/** An age private key. */
export const newIdentity = async (): Promise<string> => (await import("age-encryption")).generateX25519Identity();

export const logicalJob = (bin: string, destination: Destination, identityFile: string): LogicalJob => ({
  stack: "test",
  postgresBin: bin,
  logical: { destination, identityFile },
  tiers: Object.fromEntries(
    tierNames.map((name) => {
      const { schedule, kept } = defaultTiers("production")[name];
      return [name, { schedule, keptSeconds: toSeconds(kept) }];
    }),
  ) as LogicalJob["tiers"],
});

/**
 * Folder of PostgreSQL's programs, one of them replaced by a shell script; `$real` in it is the replaced one.
 * @param bin where they are
 * @param how.folder where the new folder is made; programs have to run from there
 */
export function programsWith(
  bin: string,
  { folder, name, script }: { readonly folder: string; readonly name: string; readonly script: string },
): string {
  const programs = mkdtempSync(join(folder, "bin-"));
  chmodSync(programs, 0o755);
  for (const other of readdirSync(bin)) if (other !== name) symlinkSync(join(bin, other), join(programs, other));
  writeFileSync(join(programs, name), `#!/bin/bash\nreal=${join(bin, name)}\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
  return programs;
}

export async function makeLogical(postgres: ThrowawayPostgres): Promise<Logical> {
  const folder = mkdtempSync(join(tmpdir(), "howdah-logical-"));
  const store = join(folder, "store");
  const [row] = await postgres.sql<{ bin: string }>(
    "postgres",
    "SELECT setting AS bin FROM pg_config WHERE name = 'BINDIR'",
  );
  const bin = row!.bin;
  const identity = async (name: string): Promise<string> => {
    const file = join(folder, name);
    writeFileSync(file, `# created for a test\n${await newIdentity()}\n`, { mode: 0o600 });
    return file;
  };
  return {
    folder,
    store,
    identity,
    job: logicalJob(bin, { folder: store }, await identity("identity")),
    programsWith: (name, script) => programsWith(bin, { folder, name, script }),
    objects: () => {
      mkdirSync(store, { recursive: true });
      return readdirSync(store).sort();
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A context that notes what it is told. */
export function listening(signal = new AbortController().signal): Context & { readonly said: string[] } {
  const said: string[] = [];
  const note = (text: string): void => void said.push(text);
  return { said, signal, note, progress: note };
}
