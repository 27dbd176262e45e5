import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../../../lib/errors";
import type { LocalStackFile } from "../../../contracts/stack-file";
import type { RepositoryRef } from "../../pgbackrest/command";

/** A repository of another stack: one that is left when everything else is gone. */
export interface Foreign {
  /** Folder of the repository. */
  readonly repository: string;
  /** File with its passphrase. */
  readonly keyFile: string;
}

/** A repository to restore from. */
export interface Source extends RepositoryRef {
  readonly foreign: boolean;
}

/** The stack's own repository. */
export function ownSource(job: LocalStackFile): Source {
  const [server] = job.servers;
  if (server === undefined) throw new Error("a job without servers");
  return { configFile: server.backrestFile, stanza: job.repository.stanza, foreign: false };
}

async function keyOf(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Refusal(`the key file cannot be read: ${(error as Error).message}`);
  });
  const key = text.trim();
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new Refusal(`${file} contains no passphrase (one line of printable characters)`);
  return key;
}

/** Writes a configuration for another stack's repository into `folder`, mode 0600. */
export async function foreignSource(
  job: LocalStackFile,
  { repository, keyFile }: Foreign,
  folder: string,
): Promise<Source> {
  const { stanza } = job.repository;
  const text = `[global]
repo1-path=${repository}
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=${await keyOf(keyFile)}
job-retry=1
log-level-file=off
lock-path=${join(folder, "lock")}
spool-path=${join(folder, "spool")}

[${stanza}]
pg1-path=${folder}
`;
  const configFile = join(folder, "pgbackrest.conf");
  await writeFile(configFile, text, { mode: 0o600 });
  return { configFile, stanza, foreign: true };
}
