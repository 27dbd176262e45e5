import { reserved, userShare } from "../../capacity/connections";
import type { JobLogins } from "../../ports";
import { toMilliseconds } from "../../../lib/values";
import { databaseStep, grantsOf, schemaStep, type DefaultPrivilegePlan, type GrantPlan, type Step } from "./grants";
import { backupGroup, jobLogins, monitoringLogin, poolerLogin, roleOf, type DatabaseGroup } from "./matrix";
import { loginsOf } from "./rotation";
import type { ApplicationSettings, DatabaseSettings, Databases } from "../schema";

export * from "./matrix";
export type { DefaultPrivilegePlan, GrantPlan, Step } from "./grants";

/** A role without a login. */
export interface GroupPlan extends Step {
  readonly role: string;
  readonly memberOf: readonly string[];
}

export interface LoginPlan extends GroupPlan {
  /** True for a login that comes with a token, and has no password. Default: false. */
  readonly byToken?: boolean;
  /** Another figure is another password. Default: 0. */
  readonly passwordVersion?: number;
  readonly connectionLimit: number;
  /** Milliseconds. */
  readonly statementTimeout: number;
  /** Milliseconds. */
  readonly idleInTransactionTimeout: number;
  readonly searchPath: readonly string[];
  /** Role that a session starts in, so that what a migration makes belongs to the group. */
  readonly assumeRole?: string;
}

/** A group that the administrator joins: only a member of the owner may grant on a database. */
export interface MembershipPlan extends Step {
  readonly group: string;
}

export interface DatabasePlan extends Step {
  readonly database: string;
  /** May be dropped with what is in it. */
  readonly removable: boolean;
  readonly owner: string;
}

export interface SchemaPlan extends DatabasePlan {
  readonly schema: string;
}

/** Everything that `Access` makes, as plain data. */
export interface AccessPlan {
  readonly groups: readonly GroupPlan[];
  readonly administratorMemberships: readonly MembershipPlan[];
  readonly databases: readonly DatabasePlan[];
  readonly schemas: readonly SchemaPlan[];
  readonly grants: readonly GrantPlan[];
  readonly defaultPrivileges: readonly DefaultPrivilegePlan[];
  readonly logins: readonly LoginPlan[];
}

/** Connections that a login may hold beyond its pools, while PgBouncer closes one and opens the next. */
const slack = 2;

/** Statements of the monitoring and lookup logins; each is a few milliseconds of work. */
const houseTimeouts = { statementTimeout: 10_000, idleInTransactionTimeout: 10_000 };

const connections = (database: DatabaseSettings): number => {
  const { size, overflow } = userShare(database);
  // Both routes: reads fall back to the primary.
  return 2 * (size + overflow);
};

const roleStep = (role: string): string => `role-${role}`;

/**
 * Logins of the jobs beside a cloud's database. A dump reads what the backup group reads; upkeep needs the owners' groups, as
 * PostgreSQL before 17 lets nobody else vacuum or rebuild. Both set their own time limits.
 */
function jobRoles(databases: Databases, { tokenGroup }: JobLogins, last: string): LoginPlan[] {
  const byToken = tokenGroup === undefined ? [] : [tokenGroup];
  const base = {
    searchPath: ["pg_catalog"],
    connectionLimit: reserved.backup,
    statementTimeout: 0,
    idleInTransactionTimeout: 0,
    ...(tokenGroup === undefined ? {} : { byToken: true }),
  };
  const { dump, maintenance } = jobLogins;
  const owners = Object.keys(databases).map((database) => roleOf("owner", database));
  return [
    { ...base, name: roleStep(dump), role: dump, memberOf: [backupGroup, ...byToken], after: [last] },
    {
      ...base,
      name: roleStep(maintenance),
      role: maintenance,
      memberOf: [...owners.sort(), ...byToken],
      after: [roleStep(dump)],
    },
  ];
}

function clusterRoles(databases: Databases, jobs?: JobLogins): Pick<AccessPlan, "groups" | "logins"> {
  const base = { memberOf: [], searchPath: ["pg_catalog"], ...houseTimeouts };
  const lookups = Object.values(databases).reduce((total, database) => total + connections(database), slack);
  return {
    groups: [{ name: roleStep(backupGroup), role: backupGroup, memberOf: [], after: [] }],
    logins: [
      {
        ...base,
        name: roleStep(monitoringLogin),
        role: monitoringLogin,
        memberOf: ["pg_monitor"],
        connectionLimit: reserved.monitoring,
        after: [roleStep(backupGroup)],
      },
      {
        ...base,
        name: roleStep(poolerLogin),
        role: poolerLogin,
        // Beside a cloud's database the poolers look themselves how far a replica is behind.
        memberOf: jobs === undefined ? [] : ["pg_read_all_stats"],
        connectionLimit: lookups,
        after: [roleStep(monitoringLogin)],
      },
    ],
  };
}

function loginPlans(database: string, settings: DatabaseSettings, [name, application]: [string, ApplicationSettings]) {
  const group = roleOf(application.access, database);
  return loginsOf(name, application.rotations).map(({ role, passwordVersion }) => ({
    name: roleStep(role),
    role,
    passwordVersion,
    memberOf: [group],
    connectionLimit: connections(settings) + slack,
    statementTimeout: toMilliseconds(application.statementTimeout),
    idleInTransactionTimeout: toMilliseconds(application.idleInTransactionTimeout),
    searchPath: settings.schemas,
    ...(application.access === "owner" ? { assumeRole: group } : {}),
  }));
}

const byName = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * One database, from its groups to its logins, as one chain that starts after the step `last`. Databases follow one another
 * too: each CREATE DATABASE of the provider holds one connection and waits for a second, and several at a time could
 * take all that the administrator has.
 */
function databaseSteps(database: string, settings: DatabaseSettings, last: string): AccessPlan {
  const chained = <S extends { readonly name: string }>(steps: readonly S[]): (S & Step)[] =>
    steps.map((step) => {
      const after = [last];
      last = step.name;
      return { ...step, after };
    });
  const owner = roleOf("owner", database);
  const group = (kind: DatabaseGroup, memberOf: string[]) => {
    const role = roleOf(kind, database);
    return { name: roleStep(role), role, memberOf };
  };
  const { removable } = settings;
  const { grants, defaultPrivileges } = grantsOf(database, settings.schemas);
  // The order of this literal is the order of the chain.
  // On removal it goes backwards: a database with all that its logins own in it, then the logins.
  return {
    groups: chained([group("readonly", []), group("readwrite", [roleOf("readonly", database)]), group("owner", [])]),
    logins: chained(byName(settings.applications).flatMap((entry) => loginPlans(database, settings, entry))),
    administratorMemberships: chained([{ name: `administrator-${owner}`, group: owner }]),
    databases: chained([{ name: databaseStep(database), database, owner, removable }]),
    schemas: chained(
      settings.schemas.map((schema) => ({
        name: schemaStep(database, schema),
        database,
        schema,
        owner,
        removable,
        within: databaseStep(database),
      })),
    ),
    grants: chained(grants),
    defaultPrivileges: chained(defaultPrivileges),
  };
}

function assertUnique(plan: AccessPlan): AccessPlan {
  const names = Object.values(plan).flatMap((steps: readonly Step[]) => steps.map(({ name }) => name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two parts of the configuration would make ${twice}`);
  return plan;
}

/**
 * Roles, databases, schemas and grants for `databases`. The `after` of the steps name each other without a circle.
 *
 * @param jobs where jobs log in over the network: they get logins
 * @throws if two logins, or a login and a group, have one name (config refuses it first)
 */
export function accessPlan(databases: Databases, jobs?: JobLogins): AccessPlan {
  const cluster = clusterRoles(databases, jobs);
  let last = roleStep(poolerLogin);
  const parts = byName(databases).map(([database, settings]) => {
    const part = databaseSteps(database, settings, last);
    last = part.defaultPrivileges.at(-1)?.name ?? last;
    return part;
  });
  return assertUnique({
    groups: [...cluster.groups, ...parts.flatMap(({ groups }) => groups)],
    administratorMemberships: parts.flatMap((part) => part.administratorMemberships),
    databases: parts.flatMap((part) => part.databases),
    schemas: parts.flatMap((part) => part.schemas),
    grants: parts.flatMap((part) => part.grants),
    defaultPrivileges: parts.flatMap((part) => part.defaultPrivileges),
    logins: [
      ...cluster.logins,
      ...parts.flatMap(({ logins }) => logins),
      ...(jobs === undefined ? [] : jobRoles(databases, jobs, last)),
    ],
  });
}
