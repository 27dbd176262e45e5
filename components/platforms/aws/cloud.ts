import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../component";
import type { SetName } from "../../../contracts/metrics/collector";
import { lookupTable } from "../../pgbouncer/auth-query/table";
import type {
  Address,
  Cloud,
  DumpStore,
  Endpoint,
  PlatformInput,
  JobLogins,
  JobName,
  JobSubject,
  Logins,
  Server,
  SuperuserSql,
  Verified,
} from "../../ports";
import { AdministratorScript } from "../../postgres/access/administrator-sql";
import { guestScript } from "../../postgres/access/logins/login-settings";
import { monitoringLogin } from "../../postgres/access/matrix";
import { rdsAuthorities, serverAuthoritiesFile, writeAuthorities } from "./rds/authorities";
import { AwsBackups } from "./backups/backups";
import { Keys } from "./keys/keys";
import { identifierOf } from "./names";
import { Network } from "./network/network";
import { RdsLogging } from "./rds/logging";
import type { AwsSettings } from "./schema/schema";
import { Secrets } from "./keys/secrets";
import { administratorLogin, type Servers, versionNotice } from "./rds/servers";
import { serversOf, unmeasuredOf, writersOf } from "./rds/topologies";

export interface AwsCloudArgs {
  readonly input: PlatformInput;
  readonly settings: AwsSettings;
  /** Provider of `settings.secondRegion`; required with it. */
  readonly elsewhere?: pulumi.ProviderResource | undefined;
}

/**
 * How jobs log in: with a token of IAM, up to PostgreSQL 15. From 16 on, the maker of a role is a member of it; through the jobs' logins the
 * administrator would be one of rds_iam, and RDS would then take no password of his.
 */
const jobsOf = (version: number, region: string): JobLogins =>
  version <= 15 ? { tokenGroup: "rds_iam", tokens: { iam: { region } } } : {};

/** PostgreSQL as a service of AWS: network, keys, servers, secrets and backups. */
export class AwsCloud extends Component implements Cloud {
  readonly server: Server;
  readonly authorities: string;
  readonly readTargets: readonly Endpoint[];
  readonly unmeasured: readonly SetName[];
  readonly dumps: DumpStore;
  readonly repository: pulumi.Output<string>;
  readonly verified: pulumi.Output<Verified | undefined>;
  readonly failures: pulumi.Output<string>;
  readonly serverRanges?: readonly string[];
  private readonly keys: Keys;
  private readonly servers: Servers;
  private readonly backups: AwsBackups;

  constructor(
    private readonly name: string,
    private readonly args: AwsCloudArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:Cloud", name, options);
    const { input, settings } = args;
    const { region, secondRegion } = settings;
    if (settings.upgrade.major)
      void pulumi.log.warn("howdah:aws.upgrade.major is on: reset it after the upgrade", this);
    this.authorities = rdsAuthorities([region, ...(secondRegion === undefined ? [] : [secondRegion])]);
    this.keys = new Keys(`${name}-keys`, { stack: input.stack, settings, elsewhere: args.elsewhere }, { parent: this });
    const network = new Network(
      `${name}-network`,
      { stack: input.stack, settings, allow: input.network.allow, keys: this.keys },
      { parent: this },
    );
    this.servers = this.makeServers(network);
    this.readTargets = this.servers.readTargets;
    this.unmeasured = unmeasuredOf(settings.topology);
    this.server = this.serverOf(this.servers);
    this.backups = this.makeBackups(network);
    this.dumps = this.backups.dumps;
    this.repository = this.backups.vault;
    this.verified = this.backups.verified;
    this.failures = this.backups.failures;
    if ("cidr" in settings.network) this.serverRanges = [settings.network.cidr];
    this.registerOutputs({});
  }

  prepare(logins: Logins, pooler: Address): readonly pulumi.Resource[] {
    const { args, name, keys, server } = this;
    const { input } = args;
    const lookups = input.databases.map((database) => {
      const { apply, probe, revert } = lookupTable({ database, powerfulGroups: ["rds_superuser", "rds_replication"] });
      return new AdministratorScript(
        `${name}-lookup-${database}`,
        { server, database, apply: pulumi.all(logins.verifiers).apply(apply), probe, revert },
        { parent: this, dependsOn: [...logins.ready] },
      );
    });
    const inPostgres = (part: string, { apply, probe }: Pick<SuperuserSql, "apply" | "probe">) =>
      new AdministratorScript(
        `${name}-${part}`,
        { server, database: "postgres", apply: [{ sql: apply }], probe },
        { parent: this, dependsOn: [...logins.ready] },
      );
    const sessions = inPostgres("sessions", guestScript(administratorLogin));
    // No owner of a database can keep it out of this one; PUBLIC may not enter it either.
    const entry = inPostgres("monitoring", {
      apply: `GRANT CONNECT ON DATABASE postgres TO ${monitoringLogin};`,
      probe: `SELECT pg_catalog.has_database_privilege('${monitoringLogin}', 'postgres', 'CONNECT')::pg_catalog.text`,
    });
    // After the lookups: a reader of a rotated secret can log in with it at once.
    new Secrets(`${name}-secrets`, { stack: input.stack, keys, logins, pooler, needs: lookups }, { parent: this });
    return [...lookups, sessions, entry];
  }

  identity(job: JobName, subject: JobSubject): Readonly<Record<string, pulumi.Input<string>>> {
    return this.backups.identity(job, subject);
  }

  private makeServers(network: Network): Servers {
    const { name, args, keys } = this;
    const { input, settings } = args;
    const identifier = identifierOf(input.stack, settings);
    const writers = writersOf(settings.topology, identifier, input.postgres.replicas);
    const logging = new RdsLogging(
      `${name}-records`,
      { stack: input.stack, settings, keys, writers },
      { parent: this },
    );
    const made = { input, settings, identifier, keys, network, logging };
    return serversOf(`${name}-servers`, made, { parent: this });
  }

  private makeBackups(network: Network): AwsBackups {
    const { name, args, keys, servers } = this;
    const { input, settings } = args;
    return new AwsBackups(
      `${name}-backups`,
      {
        stack: input.stack,
        settings,
        backup: input.backup,
        keyArn: keys.backups.arn,
        alarmsKeyArn: keys.alarms.arn,
        copyKeyArn: keys.copies?.arn,
        elsewhere: args.elsewhere,
        protects: servers.protects,
        resourceIds: servers.resourceIds,
        restoreNetwork: { subnetGroupName: network.subnetGroup.name, securityGroupIds: [network.securityGroup.id] },
      },
      { parent: this },
    );
  }

  private serverOf({ readWrite, readOnly, nodes, ready, password, runningVersion }: Servers): Server {
    const { input, settings } = this.args;
    const { host, port } = settings.administration;
    runningVersion.apply((running) => {
      const notice = versionNotice(settings.engineVersion, running);
      if (notice !== undefined) void pulumi.log.warn(notice, this);
    });
    return {
      runningVersion,
      readWrite,
      readOnly,
      nodes,
      ready,
      jobs: jobsOf(input.postgres.version, settings.region),
      caFile: pulumi.output(writeAuthorities(input.stack, this.authorities)),
      clientCaFile: serverAuthoritiesFile,
      authorities: this.authorities,
      administrator: {
        name: administratorLogin,
        password,
        endpoint: { host: host ?? readWrite.host, port: port ?? readWrite.port },
        sslmode: host === undefined ? "verify-full" : "verify-ca",
      },
    };
  }
}
