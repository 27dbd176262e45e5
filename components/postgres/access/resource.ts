import * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import type { Server } from "../../ports";
import { identifier, literal } from "../../../lib/sql/quote";
import { entryOf } from "../extensions/catalogue";
import { extensionScript } from "../extensions/script";
import { AdministratorScript } from "./administrator-sql";
import type { AccessStep, ExtensionStep, LoginStep, SettingStep } from "./steps";

/** What the steps do not contain. */
export interface AccessContext {
  readonly server: Pick<Server, "administrator" | "asSuperuser" | "caFile">;
  /** Refuse to delete databases and schemas, and keep them when they leave the program. */
  readonly protect: boolean;
  /** SCRAM verifiers by login; none for a login that comes with a token. */
  readonly verifiers: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * Collation by bytes: it sorts alike under every C library, so that no index breaks when the operating system is upgraded
 * or a replica runs another one. Letters beyond ASCII still have their case.
 */
const locale = { encoding: "UTF8", lcCollate: "C", lcCtype: "C.UTF-8" } as const;

/**
 * Written out rather than left to defaults, so that a manual change is detected and reverted. Without REASSIGN OWNED on
 * removal: a login owns nothing, and were it otherwise, dropping it should fail rather than hand its data to another role.
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

const loginArgs = (step: LoginStep, verifier: pulumi.Output<string> | undefined): postgresql.RoleArgs => ({
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
});

/** Options of resources with data, unless the config makes them removable. */
const protection = ({ protect }: AccessContext, removable: boolean): pulumi.CustomResourceOptions => ({
  protect: protect && !removable,
  retainOnDelete: protect && !removable,
});

/** A trusted extension is made by the provider; any other one by a superuser, or on a cloud by its administrator. */
function extensionResource(
  step: ExtensionStep,
  context: AccessContext,
  { name, ...options }: pulumi.CustomResourceOptions & { readonly name: string },
): pulumi.Resource {
  const { database, extension, schema, owner, removable } = step;
  const { server } = context;
  if (entryOf(extension)?.trusted === true) {
    const args = { name: extension, database, schema, dropCascade: removable };
    return new postgresql.Extension(name, args, { ...options, ...protection(context, removable) });
  }
  const administrator = server.administrator.name;
  const script = extensionScript({ extension, schema, administrator, owner, cascade: removable });
  // The provider is the one of SQL objects.
  const own = { ...options, provider: undefined, ...protection(context, removable) };
  if (server.asSuperuser !== undefined) return server.asSuperuser(name, { database, ...script }, own);
  return new AdministratorScript(name, { server, database, ...script, apply: [{ sql: script.apply }] }, own);
}

/** What the administrator, who has made the login, may set for it. */
function settingResource(
  { role, setting, value }: SettingStep,
  { server }: AccessContext,
  { name, ...options }: pulumi.CustomResourceOptions & { readonly name: string },
): pulumi.Resource {
  const [login, parameter] = [identifier(role), identifier(setting)];
  const script = {
    server,
    database: "postgres",
    apply: [{ sql: `ALTER ROLE ${login} SET ${parameter} = ${literal(value)}` }],
    probe: `SELECT c FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c
WHERE s.setdatabase = 0 AND s.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${literal(role)})
AND pg_catalog.starts_with(c, ${literal(`${setting}=`)})`,
    revert: `ALTER ROLE ${login} RESET ${parameter}`,
  };
  // The provider is the one of SQL objects.
  return new AdministratorScript(name, script, { ...options, provider: undefined });
}

/** The resource of a step. */
export function accessResource(
  step: AccessStep,
  context: AccessContext,
  { name, ...options }: pulumi.CustomResourceOptions & { readonly name: string },
): pulumi.Resource {
  switch (step.kind) {
    case "group": {
      const { role, memberOf } = step;
      return new postgresql.Role(name, { ...plain, name: role, login: false, roles: [...memberOf] }, options);
    }
    case "login":
      return new postgresql.Role(name, loginArgs(step, context.verifiers[step.role]), options);
    case "setting":
      return settingResource(step, context, { name, ...options });
    case "membership":
      return new postgresql.GrantRole(
        name,
        { role: context.server.administrator.name, grantRole: step.group },
        options,
      );
    case "database": {
      const { database, owner, removable } = step;
      const args = { name: database, owner, ...locale, isTemplate: false };
      return new postgresql.Database(name, args, { ...options, ...protection(context, removable) });
    }
    case "schema": {
      const { schema, database, owner, removable } = step;
      const args = {
        name: schema,
        database,
        owner: owner ?? context.server.administrator.name,
        dropCascade: removable,
      };
      return new postgresql.Schema(name, args, { ...options, ...protection(context, removable) });
    }
    case "extension":
      return extensionResource(step, context, { name, ...options });
    case "grant": {
      const { database, objectKind, schema, role, privileges } = step;
      const args = { database, objectType: objectKind, schema, role, privileges: [...privileges] };
      return new postgresql.Grant(name, args, options);
    }
    case "defaultPrivileges": {
      const { database, owner, objectKind, role, privileges } = step;
      const args = { database, owner, objectType: objectKind, role, privileges: [...privileges] };
      return new postgresql.DefaultPrivileges(name, args, options);
    }
  }
}
