import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Files with which Patroni configures a server, in its data directory. The last one is what Patroni believes the cluster's
 * configuration to be when etcd has none, as after a restore in place.
 */
const files = [
  "postgresql.conf",
  "postgresql.base.conf",
  "postgresql.auto.conf",
  "pg_hba.conf",
  "pg_ident.conf",
  "patroni.dynamic.json",
] as const;

/** Gives restored data the configuration of the server whose place they take; what of that is missing, Patroni makes. */
export async function keepConfiguration(server: string, restored: string): Promise<void> {
  for (const name of files)
    await copyFile(join(server, name), join(restored, name)).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      // Patroni puts what it writes on top of one that is there.
      if (name === "postgresql.conf") await writeFile(join(restored, name), "", { mode: 0o600 });
    });
}
