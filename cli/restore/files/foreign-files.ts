import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** What PostgreSQL itself keeps at the top of a data directory; its documentation, "Database File Layout". */
const own: ReadonlySet<string> = new Set([
  "PG_VERSION",
  "backup_label",
  "base",
  "global",
  "pg_commit_ts",
  "pg_dynshmem",
  "pg_logical",
  "pg_multixact",
  "pg_notify",
  "pg_replslot",
  "pg_serial",
  "pg_snapshots",
  "pg_stat",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_tblspc",
  "pg_twophase",
  "pg_wal",
  "pg_xact",
]);

/** Folders that a server fills again: what a backup has in them is of a server that is not this one. */
const emptied = ["pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"];

/**
 * Removes everything but data from a restored folder. Configuration is code: `shared_preload_libraries`, `archive_command` or
 * Patroni's callbacks of a backup would run as the service user, and a server reads `postgresql.auto.conf` whichever
 * `config_file` it is started with.
 */
export async function leaveData(dataDirectory: string): Promise<void> {
  for (const name of await readdir(dataDirectory))
    if (!own.has(name)) await rm(join(dataDirectory, name), { recursive: true, force: true });
  for (const folder of emptied)
    for (const name of await readdir(join(dataDirectory, folder)).catch(() => []))
      await rm(join(dataDirectory, folder, name), { recursive: true, force: true });
}
