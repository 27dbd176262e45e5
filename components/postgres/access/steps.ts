import type { ObjectKind } from "./matrix";

/** What all steps have. `name` is unique in the plan and stays the same whatever else is in the configuration. */
interface Step {
  readonly name: string;
  /** Step whose removal takes this one along: it is not undone by itself then. Default: none. */
  readonly within?: string;
}

/** A role without a login. */
export interface GroupStep extends Step {
  readonly kind: "group";
  readonly role: string;
  readonly memberOf: readonly string[];
}

export interface LoginStep extends Step {
  readonly kind: "login";
  readonly role: string;
  readonly memberOf: readonly string[];
  /** True for a login that comes with a token, and has no password. Default: false. */
  readonly byToken?: boolean;
  /** Changing this number generates a new password. Default: 0. */
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

/** A setting of a login that the provider's `Role` does not have. */
export interface SettingStep extends Step {
  readonly kind: "setting";
  readonly role: string;
  readonly setting: string;
  readonly value: string;
}

/** A group that the administrator joins: only a member of the owner may grant on a database. */
export interface MembershipStep extends Step {
  readonly kind: "membership";
  readonly group: string;
}

export interface DatabaseStep extends Step {
  readonly kind: "database";
  readonly database: string;
  /** May be dropped with its content. */
  readonly removable: boolean;
  readonly owner: string;
}

export interface SchemaStep extends Step {
  readonly kind: "schema";
  readonly schema: string;
  readonly database: string;
  /** May be dropped with its content. */
  readonly removable: boolean;
  /** Default: the administrator. */
  readonly owner?: string;
}

export interface ExtensionStep extends Step {
  readonly kind: "extension";
  readonly extension: string;
  readonly schema: string;
  readonly database: string;
  /** May be dropped with what uses it. */
  readonly removable: boolean;
  /** Group that owns the database. */
  readonly owner: string;
}

/** `GRANT … ON DATABASE` or `ON SCHEMA`; no privileges means that all are revoked. */
export interface GrantStep extends Step {
  readonly kind: "grant";
  readonly database: string;
  readonly objectKind: "database" | "schema";
  readonly schema?: string;
  /** A role, or `public`. */
  readonly role: string;
  readonly privileges: readonly string[];
}

/** `ALTER DEFAULT PRIVILEGES FOR ROLE owner`, in all schemas of a database. */
export interface DefaultPrivilegesStep extends Step {
  readonly kind: "defaultPrivileges";
  readonly database: string;
  readonly owner: string;
  readonly objectKind: Exclude<ObjectKind, "database" | "schema" | "largeObject">;
  readonly role: string;
  readonly privileges: readonly string[];
}

export type AccessStep =
  | GroupStep
  | LoginStep
  | SettingStep
  | MembershipStep
  | DatabaseStep
  | SchemaStep
  | ExtensionStep
  | GrantStep
  | DefaultPrivilegesStep;

/** Everything that `Access` makes, as plain data, in the order in which it is made. */
export type AccessPlan = readonly AccessStep[];

/** The steps of one kind, in their order. */
export const stepsOf = <Kind extends AccessStep["kind"]>(
  plan: AccessPlan,
  kind: Kind,
): Extract<AccessStep, { kind: Kind }>[] =>
  plan.filter((step): step is Extract<AccessStep, { kind: Kind }> => step.kind === kind);

export const roleStep = (role: string): string => `role-${role}`;
export const settingStep = (role: string, setting: string): string => `setting-${role}-${setting}`;
export const databaseStep = (database: string): string => `database-${database}`;
export const extensionStep = (database: string, extension: string): string => `extension-${database}-${extension}`;
export const schemaStep = (database: string, schema: string): string => `schema-${database}-${schema}`;
