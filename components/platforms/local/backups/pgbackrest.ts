import { join } from "node:path";
import { canaryScript } from "../../../backup/canary";
import type { BackupPlan } from "../../../backup/plan";
import { tierNames } from "../../../../contracts/tiers";
import { pinSettings } from "../../../postgres/access/logins/login-settings";
import type { Layout, NodeLayout } from "../layout";
import { textFile } from "../../../../lib/text/text-file";
import { isSince, type Release } from "../../../../lib/release";
import { fillSql } from "../../../../lib/sql/fill";

export const stanza = "main";
/** Role that backups run as: what pgBackRest needs of a server, and no more. */
export const backupLogin = "howdah_backup_agent";

export const repositoryPath = (layout: Layout): string => join(layout.backup, "repository");
/** Configuration of the backup jobs: all servers, of which pgBackRest finds the primary. */
export const jobConfigFile = (layout: Layout): string => join(layout.etc, "pgbackrest.conf");
/** Configuration of one server's archiver and restores: that server only. */
export const nodeConfigFile = (layout: Layout, node: NodeLayout): string =>
  join(layout.etc, `pgbackrest-${node.name}.conf`);

export interface RepositoryInput {
  readonly layout: Layout;
  readonly cpus: number;
  readonly cipherPass: string;
  /** What `pgbackrest version` prints: an option that it does not know would be an error. */
  readonly version: string;
}

/** Restores of block incremental backups were mended until this release. */
const firstWithBlocks: Release = [2, 51];

const server = (layout: Layout, node: NodeLayout, index: number): string =>
  [
    `pg${index}-path=${node.dataDirectory}`,
    `pg${index}-port=${node.port}`,
    `pg${index}-socket-path=${layout.run}`,
    `pg${index}-user=${backupLogin}`,
    `pg${index}-database=postgres`,
  ].join("\n");

/** Processes of a backup: half of the cores at most: a backup may not starve the service (pgBackRest advises a quarter on big machines). */
export const processes = (cpus: number): number => Math.max(1, Math.floor(cpus / 2));

/**
 * pgbackrest.conf for a set of servers. zstd at level 3: several times faster per core than the stock gzip. pgBackRest itself
 * expires nothing: its counts cannot express tiers, so the `howdah` command says which backups go. A failed file is tried once
 * more at once; the stock second try, 15 s later, is for storage over a network.
 */
export function backrestConfiguration(input: RepositoryInput, nodes: readonly NodeLayout[]): string {
  const { layout } = input;
  return `[global]
repo1-path=${repositoryPath(layout)}
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=${input.cipherPass}
repo1-bundle=y
${isSince(input.version, firstWithBlocks) ? "repo1-block=y\n" : ""}repo1-retention-full=9999999
compress-type=zst
compress-level=3
process-max=${processes(input.cpus)}
start-fast=y
job-retry=1
log-level-console=info
log-level-file=off
lock-path=${join(layout.run, "pgbackrest")}
spool-path=${join(layout.backup, "spool")}

[global:backup]
expire-auto=n

[${stanza}]
${nodes.map((node, index) => server(layout, node, index + 1)).join("\n")}
`;
}

/** Grants of the backup login, by a superuser; the functions and roles that pgBackRest's guide names for PostgreSQL 15. */
export const backupGrants = `
${fillSql(textFile(__dirname, "backup-login.sql"), {
  values: { login: backupLogin },
  parts: { login: backupLogin, pinned: pinSettings(backupLogin).trimEnd() },
})}
${canaryScript(backupLogin)}`;

/** Where the schedule of the backups is. */
export const crontabFile = (layout: Layout): string => join(layout.etc, "backup.crontab");

/** crontab for supercronic, UTC: one line per scheduled tier, and the drill. A backup waits for another one that still runs. */
export function backupCrontab(plan: BackupPlan, command: readonly string[]): string {
  const job = (...args: string[]): string => [...command, ...args].join(" ");
  const tiers = tierNames.flatMap((name) => {
    const { schedule } = plan.tiers[name];
    return schedule === null ? [] : [`${schedule} ${job("backup", "--tier", name)}`];
  });
  return ["# Times are UTC.", ...tiers, `${plan.drill.schedule} ${job("drill")}`, ""].join("\n");
}
