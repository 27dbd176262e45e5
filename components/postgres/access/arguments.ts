import type * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import type { DefaultPrivilegePlan, GrantPlan, GroupPlan, LoginPlan } from "./plan";

/**
 * Collation by bytes: it sorts alike under every C library, so that no index breaks when the operating system is upgraded
 * or a replica runs another one. Letters beyond ASCII still have their case.
 */
export const locale = { encoding: "UTF8", lcCollate: "C", lcCtype: "C.UTF-8" } as const;

/**
 * Written out rather than left to defaults, so that a change by hand is seen and taken back. Without REASSIGN OWNED on
 * removal: a login owns nothing, and were it otherwise, dropping it should fail rather than hand its data to somebody.
 */
const plain = {
  superuser: false,
  createDatabase: false,
  createRole: false,
  replication: false,
  bypassRowLevelSecurity: false,
  inherit: true,
  skipReassignOwned: true,
} as const;

/** From each step of the plan to the arguments of its resource. */
export const argumentsOf = {
  group: ({ role, memberOf }: GroupPlan): postgresql.RoleArgs => ({
    ...plain,
    name: role,
    login: false,
    roles: [...memberOf],
  }),

  login: (step: LoginPlan, verifier: pulumi.Output<string> | undefined): postgresql.RoleArgs => ({
    ...plain,
    name: step.role,
    login: true,
    roles: [...step.memberOf],
    password: verifier,
    connectionLimit: step.connectionLimit,
    statementTimeout: step.statementTimeout,
    idleInTransactionSessionTimeout: step.idleInTransactionTimeout,
    searchPaths: [...step.searchPath],
    assumeRole: step.assumeRole ?? "",
  }),

  grant: ({ database, kind, schema, role, privileges }: GrantPlan): postgresql.GrantArgs => ({
    database,
    objectType: kind,
    schema,
    role,
    privileges: [...privileges],
  }),

  defaultPrivileges: ({
    database,
    owner,
    kind,
    role,
    privileges,
  }: DefaultPrivilegePlan): postgresql.DefaultPrivilegesArgs => ({
    database,
    owner,
    objectType: kind,
    role,
    privileges: [...privileges],
  }),
};
