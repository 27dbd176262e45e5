import { join } from "node:path";
import { stringify } from "yaml";
import { scratchDatabase, socketLogins } from "../../../backup/socket-logins";
import { tlsCiphers } from "../../../../lib/values";
import type { FailoverPlan } from "../../../postgres/objectives";
import { type Layout, loopback, type NodeLayout } from "../layout";
import { backupLogin, nodeConfigFile, stanza } from "../backups/pgbackrest";
import { sha256 } from "../../../../lib/text/hash";

/** Logins of Patroni itself; superuser only over the Unix socket. */
export const systemLogins = { superuser: "postgres", replication: "replicator", rewind: "rewind" } as const;
/** Role that `Access` runs as; it logs in through HAProxy, so from this machine. */
export const administratorLogin = "howdah_admin";
const identMap = "howdah";

export interface PatroniInput {
  readonly layout: Layout;
  readonly node: NodeLayout;
  readonly serviceUser: string;
  readonly postgresBin: string;
  /** Major version of PostgreSQL. */
  readonly version: number;
  /** Absolute path of what is started as `postgres`. */
  readonly postgres: string;
  readonly plan: FailoverPlan;
  /** Server parameters; the same on every node. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly allow: readonly { readonly cidr: string; readonly reason: string }[];
  readonly replicationPassword: string;
  readonly rewindPassword: string;
}

/** Names the server parameters: a server that shows the value of these has read them all. */
export const configurationMark = (
  parameters: PatroniInput["parameters"],
): { readonly parameter: string; readonly value: string } => ({
  parameter: "howdah.configuration",
  value: sha256(JSON.stringify(parameters)),
});

/** Patroni's dynamic configuration: what is the same for all nodes and lives in etcd. */
export function dynamicConfiguration(
  plan: FailoverPlan,
  parameters: PatroniInput["parameters"],
): Record<string, unknown> {
  const { parameter, value } = configurationMark(parameters);
  return {
    ttl: plan.ttl,
    loop_wait: plan.loopWait,
    retry_timeout: plan.retryTimeout,
    primary_start_timeout: plan.primaryStartTimeout,
    maximum_lag_on_failover: plan.maximumLagOnFailover,
    synchronous_mode: plan.synchronous,
    synchronous_node_count: Math.max(1, plan.synchronousNodeCount),
    // A member that went away for good must not hold WAL back for Patroni's 30 minutes.
    member_slots_ttl: "5min",
    failsafe_mode: true,
    postgresql: { use_pg_rewind: true, use_slots: true, parameters: { ...parameters, [parameter]: value } },
  };
}

/** Logins that come over the Unix socket alone, by the database that they enter there. */
const socketRules = [
  { logins: [socketLogins.reader, socketLogins.maintenance], database: "all" },
  { logins: [socketLogins.restore], database: scratchDatabase },
  { logins: [backupLogin], database: "postgres" },
] as const;

const socketOnly: readonly string[] = socketRules.flatMap(({ logins }) => logins);

/** One line: a backslash at its end would have PostgreSQL read the next rule as part of the comment. */
const comment = (reason: string): string => reason.replace(/\s+/g, " ").replace(/[\\ ]+$/, "");

/** pg_hba.conf: peer over the socket, TLS and SCRAM over TCP, no superuser over TCP, and a refusal of all else. */
export function hostBasedAuthentication(allow: PatroniInput["allow"]): string[] {
  const clients = allow.map(({ cidr, reason }) => `hostssl all all ${cidr} scram-sha-256 # ${comment(reason)}`);
  return [
    `local all ${systemLogins.superuser} peer map=${identMap}`,
    `local replication ${systemLogins.replication} peer map=${identMap}`,
    ...socketRules.map(({ logins, database }) => `local ${database} ${logins.join(",")} peer map=${identMap}`),
    `host all ${systemLogins.superuser} all reject`,
    `hostssl replication ${systemLogins.replication} ${loopback}/32 scram-sha-256`,
    `hostssl postgres ${systemLogins.rewind} ${loopback}/32 scram-sha-256`,
    `hostssl all ${administratorLogin} ${loopback}/32 scram-sha-256`,
    `host all ${[systemLogins.replication, systemLogins.rewind, ...socketOnly, administratorLogin].join(",")} all reject`,
    ...clients,
    "host all all all reject",
  ];
}

const identities = (user: string): string[] =>
  [systemLogins.superuser, systemLogins.replication, ...socketOnly].map((role) => `${identMap} ${user} ${role}`);

/** Parameters that differ by node or belong to the platform. */
function nodeParameters({ layout, node }: PatroniInput): Record<string, string> {
  return {
    archive_command: `/usr/bin/pgbackrest --config=${nodeConfigFile(layout, node)} --stanza=${stanza} --log-level-console=warn archive-push %p`,
    cluster_name: `${layout.stack}-${node.name}`,
    log_directory: layout.log,
    log_filename: `postgresql-${node.name}-%a.log`,
    log_file_mode: "0600",
    log_rotation_age: "1d",
    log_rotation_size: "0",
    log_truncate_on_rotation: "on",
    logging_collector: "on",
    ssl_ca_file: join(layout.tls, "ca.crt"),
    ssl_cert_file: join(layout.tls, `${node.name}.crt`),
    ssl_key_file: join(layout.tls, `${node.name}.key`),
    unix_socket_directories: layout.run,
    unix_socket_permissions: "0700",
  };
}

const credentials = (username: string, password: string, ca: string): Record<string, string> => ({
  username,
  password,
  sslmode: "verify-full",
  sslrootcert: ca,
});

function postgresql(input: PatroniInput): Record<string, unknown> {
  const { layout, node } = input;
  const ca = join(layout.tls, "ca.crt");
  return {
    listen: `${node.host}:${node.port}`,
    connect_address: `${node.host}:${node.port}`,
    data_dir: node.dataDirectory,
    bin_dir: input.postgresBin,
    // An absolute path goes before the folder above.
    bin_name: { postgres: input.postgres },
    pgpass: join(node.directory, "pgpass"),
    use_unix_socket: true,
    use_unix_socket_repl: true,
    // A diverged node is rebuilt by pg_rewind, and cloned afresh if that fails: no manual step.
    remove_data_directory_on_rewind_failure: true,
    remove_data_directory_on_diverged_timelines: true,
    authentication: {
      superuser: { username: systemLogins.superuser },
      replication: credentials(systemLogins.replication, input.replicationPassword, ca),
      rewind: credentials(systemLogins.rewind, input.rewindPassword, ca),
    },
    parameters: nodeParameters(input),
    pg_hba: hostBasedAuthentication(input.allow),
    pg_ident: identities(input.serviceUser),
    create_replica_methods: ["basebackup"],
    basebackup: [{ checkpoint: "fast" }],
  };
}

/** PostgreSQL has collations of its own since this major version. */
const firstWithBuiltin = 17;

/** Options of a new cluster. PostgreSQL's own C.UTF-8 is the same under every C library, and faster than the library's. */
const initdb = (version: number): (string | Record<string, string>)[] => [
  { encoding: "UTF8" },
  { locale: "C.UTF-8" },
  ...(version >= firstWithBuiltin ? [{ "locale-provider": "builtin" }, { "builtin-locale": "C.UTF-8" }] : []),
  "data-checksums",
  { "auth-local": "peer" },
  { "auth-host": "scram-sha-256" },
];

/** patroni.yml of one node. */
export function patroniConfiguration(input: PatroniInput): string {
  const { layout, node } = input;
  const tls = {
    cert: join(layout.tls, `${node.name}.crt`),
    key: join(layout.tls, `${node.name}.key`),
    ca: join(layout.tls, "ca.crt"),
  };
  return stringify({
    scope: layout.stack,
    namespace: "/howdah/",
    name: node.name,
    restapi: {
      listen: `${node.host}:${node.restPort}`,
      connect_address: `${node.host}:${node.restPort}`,
      certfile: tls.cert,
      keyfile: tls.key,
      cafile: tls.ca,
      // Reads are open, for HAProxy's checks; whatever changes something needs a certificate of our authority.
      verify_client: "optional",
      ciphers: tlsCiphers,
      // HAProxy's checks have to get through while others hold connections open, each for 2 s at most (howdah-patroni). Stock: 5 and 5.
      thread_pool_size: 256,
      request_queue_size: 128,
    },
    ctl: { cacert: tls.ca, certfile: tls.cert, keyfile: tls.key },
    etcd3: {
      hosts: layout.etcd.map(({ clientPort }) => `${loopback}:${clientPort}`),
      protocol: "https",
      cacert: tls.ca,
      cert: tls.cert,
      key: tls.key,
    },
    log: { level: "INFO" },
    bootstrap: {
      dcs: dynamicConfiguration(input.plan, input.parameters),
      initdb: initdb(input.version),
    },
    postgresql: postgresql(input),
    tags: {},
  });
}
