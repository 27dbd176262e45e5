import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Destination } from "../../components/backup/job";
import { defaultTiers, tierNames } from "../../components/backup/tiers";
import { toSeconds } from "../../components/values";
import type { Context } from "../../ops/context";
import type { LogicalJob } from "../../ops/logical/job";
import type { ThrowawayPostgres } from "./throwaway-postgres";

/** A folder for one test file, and jobs in it. */
export interface Logical {
  readonly folder: string;
  readonly job: LogicalJob;
  /** Where the job's backups go, unless told otherwise. */
  readonly store: string;
  /** File with a key of its own. */
  identity(name: string): Promise<string>;
  /** Folder of PostgreSQL's programs, one of them replaced by a shell script; `$real` in it is the replaced one. */
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
    programsWith: (name, script) => {
      const programs = mkdtempSync(join(folder, "bin-"));
      for (const other of readdirSync(bin)) if (other !== name) symlinkSync(join(bin, other), join(programs, other));
      writeFileSync(join(programs, name), `#!/bin/bash\nreal=${join(bin, name)}\n${script}\n`);
      chmodSync(join(programs, name), 0o755);
      return programs;
    },
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
