import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { BackupSettings } from "../../backup/schema";
import { Component } from "../../component";
import type { Backups, Server } from "../../ports";
import type { Foundation } from "./foundation";
import type { Layout } from "./layout";
import type { Machine } from "./machine";
import { backupCrontab, backupGrants, jobConfigFile, repositoryPath, stanza } from "./pgbackrest";
import type { Repository } from "./repository";
import { BackupStanza, File, Script, Service } from "./resources";
import { sha256 } from "./triggers";

export interface LocalBackupsArgs {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly foundation: Foundation;
  readonly repository: Repository;
  readonly server: Server;
  readonly settings: BackupSettings;
}

/** The backups of a local stack: the login, the stanza with its first full backup, and the schedule. */
export class LocalBackups extends Component implements Backups {
  readonly repository: string;
  readonly stanza = stanza;

  constructor(name: string, args: LocalBackupsArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:local:Backups", name, options);
    const { layout, server, repository, foundation, settings, machine } = args;
    this.repository = repositoryPath(layout);
    const servers = layout.nodes.map(({ port }) => ({ socketDirectory: layout.run, port }));
    const login = new Script(
      `${name}-login`,
      { servers, database: "postgres", apply: backupGrants },
      { parent: this, dependsOn: [...server.ready] },
    );
    const first = new BackupStanza(
      `${name}-stanza`,
      { stanza, configFile: jobConfigFile(layout), repository: this.repository },
      { parent: this, dependsOn: [login, ...repository.jobFiles] },
    );
    const path = join(layout.etc, "backup.crontab");
    const content = backupCrontab(layout, settings.schedule);
    const crontab = new File(
      `${name}-crontab`,
      { path, content },
      { parent: this, dependsOn: [...foundation.directories] },
    );
    new Service(
      `${name}-schedule`,
      {
        supervisor: layout.supervisor,
        name: "backup-schedule",
        command: [machine.supercronic, "-quiet", path],
        environment: { TZ: "UTC", PATH: "/usr/bin:/bin" },
        reloadSignal: "USR2",
        reloadTriggers: { crontab: sha256(content) },
      },
      { parent: this, dependsOn: [foundation.supervisor, crontab, first] },
    );
    this.registerOutputs({ repository: this.repository, stanza });
  }
}
