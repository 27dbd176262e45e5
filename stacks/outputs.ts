import * as pulumi from "@pulumi/pulumi";
import { clientSettings } from "../components/pgbouncer/client-settings";
import type { ClientSettings } from "../contracts/client-settings";
import { aliasOf, type Route } from "../components/capacity/connections";
import type { Address, Backups, Endpoint, Logins, Monitoring, Pooler, Server, ServerNode } from "../components/ports";
import type { Settings } from "./config/settings";

/** URLs of one application. */
export interface Connection {
  /** Through the pooler. */
  readonly readWrite: string;
  /** Through the pooler. */
  readonly readOnly: string;
  /** To the primary itself, for what a pool does not do: migrations, LISTEN, advisory locks of a session. */
  readonly direct: string;
}

/** What the stack exports; names are a contract with their readers. */
export interface StackOutputs {
  /** By application; secret. */
  readonly connections: pulumi.Output<Record<string, Connection>>;
  /** PEM file of the authority that signed every certificate. */
  readonly ca: pulumi.Input<string>;
  /** PEM of that authority, where the file is for the applications' own machines to make. */
  readonly authority?: pulumi.Output<string>;
  /** PEM of the authorities of the servers' certificates, for `direct`; where that file, too, is theirs to make. */
  readonly serverAuthorities?: pulumi.Input<string>;
  readonly pooler: Endpoint;
  readonly nodes: readonly ServerNode[];
  /** Where the platform may upgrade by itself: what runs now. */
  readonly runningVersion?: pulumi.Output<string>;
  /** By application: what to give its own pool and driver. */
  readonly settings: Readonly<Record<string, ClientSettings>>;
  readonly backup: BackupOutput;
  /** Passphrase of the backup repository; secret. Keep a copy elsewhere: without it no backup can be read. */
  readonly backupKey: pulumi.Output<string>;
  /** Where to look at Prometheus and Alertmanager. Absent if the stack has neither. */
  readonly monitoring?: Omit<Monitoring, "password">;
  /** Password for both; secret. */
  readonly monitoringPassword?: pulumi.Output<string>;
}

/** Where the backups are, and what the newest successful restore drill has shown. */
export interface BackupOutput {
  readonly repository: pulumi.Input<string>;
  readonly stanza?: string;
  /** What `howdah --job-file` takes. */
  readonly jobFile?: string;
  /** ARN of the topic that hears of failed backups and restore tests; subscribe those on call. */
  readonly failures?: pulumi.Input<string>;
  /** These three are absent until a first drill. */
  readonly lastVerifiedAt: pulumi.Output<string | undefined>;
  readonly measuredRtoSeconds: pulumi.Output<number | undefined>;
  readonly measuredRpoSeconds: pulumi.Output<number | undefined>;
}

export interface OutputParts {
  readonly settings: Settings;
  readonly server: Server;
  readonly access: Logins;
  readonly pooler: Pooler;
  readonly backups: Backups;
  readonly monitoring?: Monitoring;
}

const applicationsOf = (settings: Settings) =>
  Object.entries(settings.databases).flatMap(([databaseName, database]) =>
    Object.entries(database.applications).map(([name, application]) => ({ name, databaseName, database, application })),
  );

/** A URL that libpq and every driver reads; the certificate is always verified. */
export function connectionUrl(
  endpoint: Address,
  login: { name: string; password: string; database: string; ca: string },
): string {
  const url = new URL(`postgresql://${endpoint.host}:${endpoint.port}/${login.database}`);
  url.username = login.name;
  url.password = login.password;
  url.searchParams.set("sslmode", "verify-full");
  url.searchParams.set("sslrootcert", login.ca);
  return url.toString();
}

function connectionsOf({ settings, server, access, pooler }: OutputParts): pulumi.Output<Record<string, Connection>> {
  const each = applicationsOf(settings).map(({ name, databaseName }) => {
    const login = access.current[name];
    const password = login === undefined ? undefined : access.passwords[login];
    if (login === undefined || password === undefined) throw new Error(`Access made no login for ${name}`);
    const url = (endpoint: Endpoint, database: string, caFile: pulumi.Input<string>): pulumi.Output<string> =>
      pulumi
        .all([endpoint.host, password, caFile])
        .apply(([host, secret, ca]) =>
          connectionUrl({ host, port: endpoint.port }, { name: login, password: secret, database, ca }),
        );
    const pooled = (route: Route) => url(pooler.endpoint, aliasOf(databaseName, route), pooler.caFile);
    const direct = url(server.readWrite, databaseName, server.clientCaFile ?? server.caFile);
    return pulumi
      .all([pooled("readWrite"), pooled("readOnly"), direct])
      .apply(([readWrite, readOnly, primary]) => [name, { readWrite, readOnly, direct: primary }] as const);
  });
  return pulumi.secret(pulumi.all(each).apply((entries): Record<string, Connection> => Object.fromEntries(entries)));
}

const backupOutput = ({ repository, stanza, jobFile, failures, verified }: Backups): BackupOutput => ({
  repository,
  ...(stanza === undefined ? {} : { stanza }),
  ...(jobFile === undefined ? {} : { jobFile }),
  ...(failures === undefined ? {} : { failures }),
  lastVerifiedAt: verified.apply((one) => one?.lastVerifiedAt),
  measuredRtoSeconds: verified.apply((one) => one?.measuredRtoSeconds),
  measuredRpoSeconds: verified.apply((one) => one?.measuredRpoSeconds),
});

const monitoringOutputs = ({ prometheus, alertmanager, user, password }: Monitoring) => ({
  monitoring: { prometheus, alertmanager, user },
  monitoringPassword: pulumi.secret(password),
});

/** Maps the parts to what the stack exports. */
export function stackOutputs(parts: OutputParts): StackOutputs {
  const { settings, server, pooler, backups, monitoring } = parts;
  const context = { pooler: settings.pooler, objectives: settings.objectives };
  return {
    connections: connectionsOf(parts),
    ca: pooler.caFile,
    ...(pooler.authority === undefined ? {} : { authority: pooler.authority }),
    ...(server.authorities === undefined ? {} : { serverAuthorities: server.authorities }),
    pooler: pooler.endpoint,
    nodes: server.nodes,
    ...(server.runningVersion === undefined ? {} : { runningVersion: server.runningVersion }),
    settings: Object.fromEntries(
      applicationsOf(settings).map(({ name, application, database }) => [
        name,
        clientSettings(name, application, { ...context, database }),
      ]),
    ),
    backup: backupOutput(backups),
    backupKey: pulumi.secret(backups.key),
    ...(monitoring === undefined ? {} : monitoringOutputs(monitoring)),
  };
}
