import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { join } from "node:path";
import { ageIdentity, identityLine, seedShape } from "../../../backup/age-identity";
import { socketLoginsProbe, socketLoginsScript } from "../../../backup/socket-logins";
import { Component } from "../../../component";
import type { Backups } from "../../../ports/backups";
import type { Logins } from "../../../ports/logins";
import type { Server } from "../../../ports/server";
import type { Verified } from "../../../../contracts/drill-record";
import type { HostBase } from "../host-base";
import { identityFile, jobFile, jobFolders, type StackFilePlan, stackFileText } from "../stack-file";
import { type Layout, socketsOf } from "../layout";
import type { Machine } from "../machine";
import { backupCrontab, crontabFile, backupGrants, jobConfigFile, repositoryPath, stanza } from "./pgbackrest";
import type { Repository } from "./repository";
import { BackupStanza, RestoreDrill, Script } from "../resources/postgres";
import { Directory, File, Service } from "../resources/host";
import { publicHash } from "../../../public-hash";

export interface LocalBackupsArgs {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly hostBase: HostBase;
  readonly repository: Repository;
  readonly server: Server;
  readonly logins: Logins;
  readonly input: StackFilePlan;
}

/** The backups of a local stack: the login, the stanza with its first full backup, a first drill, and the schedule. */
export class LocalBackups extends Component implements Backups {
  readonly repository: string;
  readonly stanza = stanza;
  readonly key: pulumi.Output<string>;
  readonly jobFile: string;
  readonly verified: pulumi.Output<Verified>;
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    private readonly args: LocalBackupsArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Backups", name, options);
    const { layout, repository, machine, logins } = args;
    this.repository = repositoryPath(layout);
    this.key = repository.key;
    this.jobFile = jobFile(layout);
    const job = this.job(`${name}-job`);
    this.ready = job;
    const stanzaMade = this.firstBackup(name);
    const socketLogins = this.socketLogins(`${name}-socket-logins`);
    const command = [...machine.howdah, "--job-file", this.jobFile];
    const drill = new RestoreDrill(
      `${name}-drill`,
      { command, history: join(jobFolders(layout).history, "drills.jsonl") },
      // It looks into every database of the config: each has to be there.
      { parent: this, dependsOn: [stanzaMade, ...job, socketLogins, ...logins.ready] },
    );
    this.schedule(name, command, [drill, ...job]);
    this.verified = pulumi
      .all([drill.lastVerifiedAt, drill.measuredRtoSeconds, drill.measuredRpoSeconds])
      .apply(([lastVerifiedAt, measuredRtoSeconds, measuredRpoSeconds]) => ({
        lastVerifiedAt,
        measuredRtoSeconds,
        ...(measuredRpoSeconds == null ? {} : { measuredRpoSeconds }),
      }));
    this.registerOutputs({ repository: this.repository, stanza });
  }

  /** The job's file, the key of the dumps, and the folders that the jobs write to. */
  private job(name: string): pulumi.Resource[] {
    const { layout, machine, hostBase, input } = this.args;
    const below = { parent: this, dependsOn: [...hostBase.directories] };
    const folders = Object.entries(jobFolders(layout)).map(
      ([folder, path]) => new Directory(`${name}-${folder}`, { path }, below),
    );
    const file = new File(
      `${name}-file`,
      { path: this.jobFile, content: stackFileText({ layout, machine }, input) },
      below,
    );
    const seed = new random.RandomPassword(`${name}-dumps-seed`, seedShape, { parent: this }).result;
    const key = new File(
      `${name}-dumps-key`,
      // Dumps that were encrypted to an earlier key can still be opened.
      { path: identityFile(layout), content: pulumi.secret(seed.apply(ageIdentity)), keeps: identityLine },
      below,
    );
    return [...folders, file, key];
  }

  /** Logins of the jobs that work in the databases of the config. */
  private socketLogins(name: string): Script {
    const { logins, input } = this.args;
    return new Script(
      name,
      {
        servers: socketsOf(this.args.layout),
        database: "postgres",
        apply: socketLoginsScript(input.databases),
        probe: socketLoginsProbe,
      },
      { parent: this, dependsOn: [...logins.ready] },
    );
  }

  private firstBackup(name: string): BackupStanza {
    const { layout, server, repository } = this.args;
    const login = new Script(
      `${name}-login`,
      { servers: socketsOf(this.args.layout), database: "postgres", apply: backupGrants },
      { parent: this, dependsOn: [...server.ready] },
    );
    return new BackupStanza(
      `${name}-stanza`,
      { stanza, configFile: jobConfigFile(layout), repository: this.repository },
      { parent: this, dependsOn: [login, ...repository.jobFiles] },
    );
  }

  private schedule(name: string, command: readonly string[], needs: pulumi.Resource[]): void {
    const { layout, hostBase, input, machine } = this.args;
    const path = crontabFile(layout);
    const content = backupCrontab(input.backup, command);
    const crontab = new File(
      `${name}-crontab`,
      { path, content },
      { parent: this, dependsOn: [...hostBase.directories] },
    );
    new Service(
      `${name}-schedule`,
      {
        supervisor: layout.supervisor,
        name: "backup-schedule",
        command: [machine.supercronic, "-quiet", path],
        environment: { TZ: "UTC", PATH: "/usr/bin:/bin" },
        check: [machine.supercronic, "-test", "-quiet", path],
        reloadSignal: "USR2",
        reloadTriggers: { crontab: publicHash(content) },
      },
      { parent: this, dependsOn: [hostBase.supervisor, crontab, ...needs] },
    );
  }
}
