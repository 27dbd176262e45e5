import * as pulumi from "@pulumi/pulumi";
import { join } from "node:path";
import { Component } from "../../../component";
import type { NetworkSettings } from "../../../network/schema";
import { pgbouncerFiles, type PoolerFiles, poolerReader, userlistFile } from "../../../pgbouncer/files";
import { apply, probe, revert } from "../../../pgbouncer/auth-query/superuser";
import type { ClientLimits } from "../../../pgbouncer/client-settings";
import type { PoolerSettings } from "../../../pgbouncer/schema";
import { type ConnectionBudget, type Pool, probedPools } from "../../../capacity/connections";
import type { Address } from "../../../ports/endpoint";
import type { Logins } from "../../../ports/logins";
import type { Pooler } from "../../../ports/pooler";
import { monitoringLogin, poolerLogin, probeLogin } from "../../../postgres/access/matrix";
import type { FailoverPlan } from "../../../postgres/objectives";
import type { HostBase } from "../host-base";
import { guardService } from "../guard-service";
import { routerFile, routerSocket } from "./haproxy";
import { largeObjects } from "../postgres/superuser/large-objects";
import { type Layout, loopback, socketsOf } from "../layout";
import { loginScript } from "../postgres/superuser/login-sql";
import type { Machine } from "../machine";
import { PooledSessions, Script } from "../resources/postgres";
import { File, Service } from "../resources/host";
import type { LocalServer } from "../postgres/server";
import { publicHash } from "../../../public-hash";

export interface LocalPoolerArgs {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly hostBase: HostBase;
  readonly plan: FailoverPlan;
  readonly server: LocalServer;
  readonly logins: Logins;
  readonly budget: ConnectionBudget;
  readonly limits: ClientLimits;
  readonly preparedStatements: number;
  readonly settings: PoolerSettings;
  readonly network: NetworkSettings;
  /** Whether the availability probe enters. */
  readonly probed: boolean;
}

/** PgBouncer of a local stack, with the password lookup that it needs in each database. */
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
    const { layout, hostBase } = args;
    this.endpoint = { host: loopback, port: layout.poolerPort };
    this.caFile = hostBase.caFile;
    largeObjects(
      `${name}-large-objects`,
      { layout, databases: this.databases },
      { parent: this, dependsOn: [...args.logins.ready] },
    );
    const service = this.service(name, [...this.lookups(name), this.logins(`${name}-logins`)]);
    this.guard(`${name}-guard`, service);
    const sessions = new PooledSessions(
      `${name}-sessions`,
      { pooler: { socketDirectory: layout.run, port: layout.poolerPort }, settings: args.logins.sessionSettings },
      { parent: this, dependsOn: [service, ...args.logins.ready] },
    );
    this.ready = [service, sessions];
    this.registerOutputs({ endpoint: this.endpoint });
  }

  /** PgBouncer with its files. @param lookups what it asks the servers for */
  private service(name: string, lookups: readonly Script[]): Service {
    const { layout, machine, hostBase } = this.args;
    const tls = hostBase.tls("pgbouncer", ["server"]);
    const { ini, hba } = this.files();
    const known = [monitoringLogin, ...(this.probed.length > 0 ? [probeLogin] : [])];
    const verifiers = pulumi.all(Object.fromEntries(known.map((login) => [login, this.secretOf("verifiers", login)])));
    const userlist = pulumi
      .all([this.secretOf("passwords", poolerLogin), verifiers])
      .apply(([password, others]) => userlistFile(password, others));
    const contents = { "pgbouncer.ini": ini, "pgbouncer-hba.conf": hba, "pgbouncer-userlist.txt": userlist };
    const written = Object.entries(contents).map(
      ([file, content]) =>
        new File(
          `${name}-${file}`,
          { path: join(layout.etc, file), content },
          { parent: this, dependsOn: [...hostBase.directories] },
        ),
    );
    const reloadTriggers = {
      certificate: tls.trigger,
      ini: publicHash(ini),
      hba: publicHash(hba),
      userlist: publicHash(userlist),
    };
    return new Service(
      name,
      {
        supervisor: layout.supervisor,
        name: "pgbouncer",
        command: [machine.pgbouncer, join(layout.etc, "pgbouncer.ini")],
        ports: [layout.poolerPort],
        stopSignal: "INT",
        reader: poolerReader,
        reloadTriggers,
      },
      { parent: this, dependsOn: [hostBase.supervisor, ...written, ...tls.files, ...lookups] },
    );
  }

  /** Ends PgBouncer or HAProxy when they hang. */
  private guard(name: string, service: Service): void {
    const { layout } = this.args;
    guardService(name, {
      ...this.args,
      who: "pooler",
      watch: [
        {
          kind: "pgbouncer",
          socketDirectory: layout.run,
          port: layout.poolerPort,
          configuration: join(layout.etc, "pgbouncer.ini"),
        },
        { kind: "haproxy", socket: routerSocket(layout), configuration: routerFile(layout) },
      ],
      parent: this,
      needs: [service],
    });
  }

  private secretOf(kind: "passwords" | "verifiers", login: string): pulumi.Output<string> {
    const secret = this.args.logins[kind][login];
    if (secret === undefined) throw new Error(`Access made no login ${login}`);
    return secret;
  }

  private files(): PoolerFiles {
    const { layout, machine, server, budget, limits, preparedStatements, settings, network } = this.args;
    return pgbouncerFiles({
      version: machine.pgbouncerVersion,
      listen: { host: loopback, port: layout.poolerPort },
      readWrite: server.readWrite,
      readOnly: server.readOnly,
      pools: budget.pools,
      logins: budget.logins,
      settings,
      limits,
      preparedStatements,
      allow: network.allow,
      probed: this.probed,
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

  private get probed(): readonly Pool[] {
    return this.args.probed ? probedPools(this.args.budget.pools) : [];
  }

  /** What PgBouncer looks up is what the program gave out, despite manual changes. */
  private logins(name: string): Script {
    const { verifiers, ready } = this.args.logins;
    const script = pulumi.all(verifiers).apply(loginScript);
    return new Script(
      name,
      {
        servers: socketsOf(this.args.layout),
        database: "postgres",
        apply: pulumi.secret(script.apply(({ apply: sql }) => sql)),
        // Names and hashes; without this it would be a secret, as the verifiers are.
        probe: pulumi.unsecret(script.apply(({ probe: sql }) => sql)),
      },
      { parent: this, dependsOn: [...ready] },
    );
  }

  private get databases(): readonly string[] {
    return [...new Set(this.args.budget.pools.map(({ database }) => database))];
  }

  private lookups(name: string): Script[] {
    const { logins } = this.args;
    const servers = socketsOf(this.args.layout);
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
