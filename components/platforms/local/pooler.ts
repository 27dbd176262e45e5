import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../component";
import type { NetworkSettings } from "../../network/schema";
import { pgbouncerFiles, type PoolerFiles } from "../../pgbouncer/files";
import { apply, probe, revert } from "../../pgbouncer/lookup";
import type { ClientLimits } from "../../pgbouncer/limits";
import type { PoolerSettings } from "../../pgbouncer/schema";
import type { ConnectionBudget } from "../../pgbouncer/sizing";
import type { Address, Logins, Pooler } from "../../ports";
import { poolerLogin } from "../../postgres/access-matrix";
import type { Foundation } from "./foundation";
import { largeObjects } from "./large-objects";
import { clientHost, type Layout, loopback } from "./layout";
import { type Machine, pgbouncer } from "./machine";
import { File, Script, Service } from "./resources";
import type { LocalServer } from "./server";
import { sha256 } from "./triggers";

export interface LocalPoolerArgs {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly foundation: Foundation;
  readonly server: LocalServer;
  readonly logins: Logins;
  readonly budget: ConnectionBudget;
  readonly limits: ClientLimits;
  readonly settings: PoolerSettings;
  readonly network: NetworkSettings;
}

/** PgBouncer of a local stack, with the password look-up that it needs in each database. */
export class LocalPooler extends Component implements Pooler {
  readonly endpoint: Address;
  readonly caFile: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    private readonly args: LocalPoolerArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:local:Pooler", name, options);
    const { layout, foundation } = args;
    this.endpoint = { host: clientHost, port: layout.poolerPort };
    this.caFile = foundation.caFile;
    const tls = foundation.tls("pgbouncer", ["server"]);
    const files = this.files();
    const userlist = this.password().apply((secret) => files.userlist(secret));
    const contents = {
      "pgbouncer.ini": files.ini,
      "pgbouncer-hba.conf": files.hba,
      "pgbouncer-userlist.txt": userlist,
    };
    const written = Object.entries(contents).map(
      ([file, content]) =>
        new File(
          `${name}-${file}`,
          { path: join(layout.etc, file), content },
          { parent: this, dependsOn: [...foundation.directories] },
        ),
    );
    const lookups = this.lookups(name);
    largeObjects(
      `${name}-large-objects`,
      { layout, databases: this.databases },
      { parent: this, dependsOn: [...args.logins.ready] },
    );
    const service = new Service(
      name,
      {
        supervisor: layout.supervisor,
        name: "pgbouncer",
        command: [pgbouncer, join(layout.etc, "pgbouncer.ini")],
        ports: [layout.poolerPort],
        stopSignal: "INT",
        reloadTriggers: {
          certificate: tls.trigger,
          ini: sha256(files.ini),
          hba: sha256(files.hba),
          userlist: sha256(userlist),
        },
      },
      { parent: this, dependsOn: [foundation.supervisor, ...written, ...tls.files, ...lookups] },
    );
    this.ready = [service];
    this.registerOutputs({ endpoint: this.endpoint });
  }

  private password(): pulumi.Output<string> {
    const password = this.args.logins.passwords[poolerLogin];
    if (password === undefined) throw new Error(`Access made no login ${poolerLogin}`);
    return password;
  }

  private files(): PoolerFiles {
    const { layout, machine, server, budget, limits, settings, network } = this.args;
    return pgbouncerFiles({
      ...(machine.pgbouncerVersion === undefined ? {} : { version: machine.pgbouncerVersion }),
      listen: { host: loopback, port: layout.poolerPort },
      readWrite: server.readWrite,
      readOnly: server.readOnly,
      pools: budget.pools,
      settings,
      limits,
      allow: network.allow,
      paths: {
        socketDirectory: layout.run,
        certificate: join(layout.tls, "pgbouncer.crt"),
        key: join(layout.tls, "pgbouncer.key"),
        ca: join(layout.tls, "ca.crt"),
        clientCa: join(layout.tls, "ca.crt"),
        hba: join(layout.etc, "pgbouncer-hba.conf"),
        userlist: join(layout.etc, "pgbouncer-userlist.txt"),
      },
    });
  }

  private get databases(): readonly string[] {
    return [...new Set(this.args.budget.pools.map(({ database }) => database))];
  }

  private lookups(name: string): Script[] {
    const { layout, logins } = this.args;
    const servers = layout.nodes.map(({ port }) => ({ socketDirectory: layout.run, port }));
    return this.databases.map(
      (database) =>
        new Script(
          `${name}-${database}-lookup`,
          { servers, database, apply, probe, revert },
          { parent: this, dependsOn: [...logins.ready] },
        ),
    );
  }
}
