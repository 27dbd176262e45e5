import * as pulumi from "@pulumi/pulumi";
import { type ClientSettings, clientSettings } from "../components/pgbouncer/client-settings";
import { aliasOf, type Route } from "../components/capacity/connections";
import type { Address, Backups, Endpoint, Logins, Pooler, Server, ServerNode } from "../components/ports";
import type { Settings } from "./config/settings";

/** URLs of one application, through the pooler. */
export interface Connection {
  readonly readWrite: string;
  readonly readOnly: string;
}

/** What the stack exports; names are a contract with their readers. */
export interface StackOutputs {
  /** By application; secret. */
  readonly connections: pulumi.Output<Record<string, Connection>>;
  /** PEM file of the authority that signed every certificate. */
  readonly ca: pulumi.Input<string>;
  /** PEM of that authority, where the file is for the applications' own machines to make. */
  readonly authority?: pulumi.Output<string>;
  readonly pooler: Endpoint;
  readonly nodes: readonly ServerNode[];
  /** Where the platform may upgrade by itself: what runs now. */
  readonly runningVersion?: pulumi.Output<string>;
  /** By application: what to give its own pool and driver. */
  readonly settings: Readonly<Record<string, ClientSettings>>;
  readonly backup: BackupOutput;
  /** Passphrase of the backup repository; secret. Keep a copy elsewhere: without it no backup can be read. */
  readonly backupKey: pulumi.Output<string>;
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

function connectionsOf({ settings, access, pooler }: OutputParts): pulumi.Output<Record<string, Connection>> {
  const each = applicationsOf(settings).map(({ name, databaseName }) => {
    const login = access.current[name];
    const password = login === undefined ? undefined : access.passwords[login];
    if (login === undefined || password === undefined) throw new Error(`Access made no login for ${name}`);
    const { port } = pooler.endpoint;
    const url = (route: Route) => (host: string, password: string, ca: string) =>
      connectionUrl({ host, port }, { name: login, password, database: aliasOf(databaseName, route), ca });
    const urls = pulumi.all([pooler.endpoint.host, password, pooler.caFile]).apply((known): Connection => ({
      readWrite: url("readWrite")(...known),
      readOnly: url("readOnly")(...known),
    }));
    return urls.apply((connection) => [name, connection] as const);
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

/** Maps the parts to what the stack exports. */
export function stackOutputs(parts: OutputParts): StackOutputs {
  const { settings, server, pooler, backups } = parts;
  const context = { pooler: settings.pooler, objectives: settings.objectives };
  return {
    connections: connectionsOf(parts),
    ca: pooler.caFile,
    ...(pooler.authority === undefined ? {} : { authority: pooler.authority }),
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
  };
}
