import { probeConnections, reserved, userShare } from "../../capacity/connections";
import type { JobLogins } from "../../ports";
import { toMilliseconds } from "../../../lib/values";
import { extensionsSchema, isOnPath, placed } from "../extensions/extensions";
import { extensionsGrants, grantSteps } from "./grants";
import { backupGroup, jobLogins, monitoringLogin, poolerLogin, probeLogin, roleOf, type DatabaseGroup } from "./matrix";
import { loginsOf } from "./logins/rotation";
import {
  databaseStep,
  extensionStep,
  roleStep,
  schemaStep,
  settingStep,
  type AccessPlan,
  type GroupStep,
  type LoginStep,
  type SettingStep,
} from "./steps";
import type { ApplicationSettings, DatabaseSettings, Databases } from "../schema";

/** Connections that a login may hold beyond its pools, while PgBouncer closes one and opens the next. */
const slack = 2;

/** Statements of the monitoring, probe and lookup logins; each is a few milliseconds of work. */
const howdahTimeouts = { statementTimeout: 10_000, idleInTransactionTimeout: 10_000 };

const connections = (database: DatabaseSettings): number => {
  const { size, overflow } = userShare(database);
  // Both routes: reads fall back to the primary.
  return 2 * (size + overflow);
};

const byName = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

interface RolesInput {
  /** If jobs log in over the network: they get logins. */
  readonly jobs?: JobLogins | undefined;
  /** The most poolers at a time. Default: one. */
  readonly poolers?: number | undefined;
}

function clusterRoles(databases: Databases, { jobs, poolers = 1 }: RolesInput): AccessPlan {
  const lookups = Object.values(databases).reduce((total, database) => total + connections(database), slack);
  return [
    { kind: "group", name: roleStep(backupGroup), role: backupGroup, memberOf: [] },
    {
      kind: "login",
      name: roleStep(monitoringLogin),
      role: monitoringLogin,
      memberOf: ["pg_monitor"],
      connectionLimit: reserved.monitoring,
      searchPath: ["pg_catalog"],
      ...howdahTimeouts,
    },
    {
      kind: "login",
      name: roleStep(probeLogin),
      role: probeLogin,
      memberOf: [],
      // On each route, of each pooler.
      connectionLimit: poolers * (2 * probeConnections + slack),
      searchPath: ["pg_catalog"],
      ...howdahTimeouts,
    },
    {
      kind: "login",
      name: roleStep(poolerLogin),
      role: poolerLogin,
      // Next to a cloud's database the poolers look themselves how far a replica is behind.
      memberOf: jobs === undefined ? [] : ["pg_read_all_stats"],
      connectionLimit: lookups,
      searchPath: ["pg_catalog"],
      ...howdahTimeouts,
    },
  ];
}

function databaseGroup(kind: DatabaseGroup, database: string, memberOf: readonly string[] = []): GroupStep {
  const role = roleOf(kind, database);
  return { kind: "group", name: roleStep(role), role, memberOf };
}

function applicationLogins(
  database: string,
  settings: DatabaseSettings,
  [name, application]: [string, ApplicationSettings],
): LoginStep[] {
  const group = roleOf(application.access, database);
  return loginsOf(name, application.rotations).map(({ role, passwordVersion }) => ({
    kind: "login",
    name: roleStep(role),
    role,
    passwordVersion,
    memberOf: [group],
    connectionLimit: connections(settings) + slack,
    statementTimeout: toMilliseconds(application.statementTimeout),
    idleInTransactionTimeout: toMilliseconds(application.idleInTransactionTimeout),
    searchPath: isOnPath(settings) ? [...settings.schemas, extensionsSchema] : settings.schemas,
    ...(application.access === "owner" ? { assumeRole: group } : {}),
  }));
}

/** The login's limits that the provider's `Role` does not have, after the logins. */
const applicationSettings = ([name, { rotations, transactionTimeout }]: [
  string,
  ApplicationSettings,
]): SettingStep[] =>
  transactionTimeout === undefined
    ? []
    : loginsOf(name, rotations).map(({ role }) => ({
        kind: "setting",
        name: settingStep(role, "transaction_timeout"),
        role,
        setting: "transaction_timeout",
        value: `${toMilliseconds(transactionTimeout)}ms`,
        within: roleStep(role),
      }));

/** The extensions of a database, after the schema that howdah makes for them. */
function extensionSteps(database: string, settings: DatabaseSettings): AccessPlan {
  const extensions = placed(settings);
  if (extensions.length === 0) return [];
  const { removable } = settings;
  const owner = roleOf("owner", database);
  const within = databaseStep(database);
  return [
    {
      kind: "schema",
      name: schemaStep(database, extensionsSchema),
      database,
      schema: extensionsSchema,
      removable,
      within,
    },
    ...extensionsGrants(database),
    ...extensions.map(({ name, schema }) => ({
      kind: "extension" as const,
      name: extensionStep(database, name),
      database,
      extension: name,
      schema,
      owner,
      removable,
      within,
    })),
  ];
}

/**
 * One database, from its groups to its grants. On removal it goes backwards: a database with all that its logins own in it, then
 * the logins.
 */
function databaseSteps(database: string, settings: DatabaseSettings): AccessPlan {
  const owner = roleOf("owner", database);
  const { schemas, removable, applications } = settings;
  return [
    databaseGroup("readonly", database),
    databaseGroup("readwrite", database, [roleOf("readonly", database)]),
    databaseGroup("owner", database),
    ...byName(applications).flatMap((application) => applicationLogins(database, settings, application)),
    ...byName(applications).flatMap(applicationSettings),
    { kind: "membership", name: `administrator-${owner}`, group: owner },
    { kind: "database", name: databaseStep(database), database, owner, removable },
    ...schemas.map((schema) => ({
      kind: "schema" as const,
      name: schemaStep(database, schema),
      database,
      schema,
      owner,
      removable,
      within: databaseStep(database),
    })),
    ...grantSteps(database, schemas),
    ...extensionSteps(database, settings),
  ];
}

/**
 * Logins of the jobs next to a cloud's database. A dump reads what the backup group reads; maintenance needs the owners' groups, as
 * PostgreSQL before 17 lets only owners vacuum or rebuild. Both set their own time limits.
 */
function jobRoles(databases: Databases, { tokenGroup }: JobLogins): LoginStep[] {
  const byToken = tokenGroup === undefined ? [] : [tokenGroup];
  const base = {
    kind: "login" as const,
    searchPath: ["pg_catalog"],
    connectionLimit: reserved.backup,
    statementTimeout: 0,
    idleInTransactionTimeout: 0,
    ...(tokenGroup === undefined ? {} : { byToken: true }),
  };
  const { dump, maintenance } = jobLogins;
  const owners = Object.keys(databases).map((database) => roleOf("owner", database));
  return [
    { ...base, name: roleStep(dump), role: dump, memberOf: [backupGroup, ...byToken] },
    { ...base, name: roleStep(maintenance), role: maintenance, memberOf: [...owners.sort(), ...byToken] },
  ];
}

function assertUnique(plan: AccessPlan): AccessPlan {
  const names = plan.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two parts of the config would create ${twice}`);
  return plan;
}

/**
 * Roles, databases, schemas and grants for `databases`, one after the other: two GRANTs on one object at a time fail with "tuple
 * concurrently updated", and each CREATE DATABASE of the provider holds one connection and waits for a second, so that several at a
 * time could take all that the administrator has.
 *
 * @throws if two logins, or a login and a group, have one name (config refuses it first)
 */
export const accessPlan = (databases: Databases, input: RolesInput = {}): AccessPlan =>
  assertUnique([
    ...clusterRoles(databases, input),
    ...byName(databases).flatMap(([database, settings]) => databaseSteps(database, settings)),
    ...(input.jobs === undefined ? [] : jobRoles(databases, input.jobs)),
  ]);
