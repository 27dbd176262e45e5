import { extensionsSchema } from "../extensions/extensions";
import { granted, roleOf, type Group } from "./matrix";
import { databaseStep, schemaStep, type DefaultPrivilegesStep, type GrantStep } from "./steps";

const grantees: readonly Exclude<Group, "owner" | "public">[] = [
  "readonly",
  "readwrite",
  "backup",
  "monitoring",
  "probe",
  "pooler",
];

const objectKinds = ["table", "sequence", "function", "type"] as const;

/** Kinds on which PostgreSQL grants PUBLIC a privilege by default. Only a rule without a schema can revoke it. */
const openToPublic = ["function", "type"] as const;

/** A grant on the database, or on one of its schemas. */
function grant(role: string, privileges: readonly string[], on: { database: string; schema?: string }): GrantStep {
  const { database, schema } = on;
  const object = schema === undefined ? "database" : `schema-${schema}`;
  return {
    kind: "grant",
    name: `grant-${database}-${object}-${role}`,
    ...on,
    objectKind: schema === undefined ? "database" : "schema",
    role,
    privileges,
    // The schema `public` is none of ours: it goes with its database.
    within: schema === undefined || schema === "public" ? databaseStep(database) : schemaStep(database, schema),
  };
}

const givesSomething = ({ privileges }: GrantStep | DefaultPrivilegesStep): boolean => privileges.length > 0;

function grantsToGroups(on: { database: string; schema?: string }): GrantStep[] {
  const kind = on.schema === undefined ? "database" : "schema";
  return grantees.map((group) => grant(roleOf(group, on.database), granted(group, kind), on)).filter(givesSomething);
}

function defaultPrivileges(database: string): DefaultPrivilegesStep[] {
  const rule = (
    objectKind: DefaultPrivilegesStep["objectKind"],
    role: string,
    privileges: readonly string[],
  ): DefaultPrivilegesStep => ({
    kind: "defaultPrivileges",
    name: `default-${database}-${objectKind}-${role}`,
    database,
    owner: roleOf("owner", database),
    objectKind,
    role,
    privileges,
    within: databaseStep(database),
  });
  const toGroups = grantees.flatMap((group) =>
    objectKinds.map((kind) => rule(kind, roleOf(group, database), granted(group, kind))),
  );
  return [...openToPublic.map((kind) => rule(kind, "public", [])), ...toGroups.filter(givesSomething)];
}

/** What has to be granted in one database, and on what its owner makes later; both from the matrix. */
export const grantSteps = (database: string, schemas: readonly string[]): (GrantStep | DefaultPrivilegesStep)[] => [
  grant("public", [], { database }),
  ...grantsToGroups({ database }),
  // No login creates or looks things up in `public`: unqualified names resolve in the schemas of the configuration.
  grant("public", [], { database, schema: "public" }),
  ...schemas.flatMap((schema) => grantsToGroups({ database, schema })),
  ...defaultPrivileges(database),
];

/** Names in the schema of extensions resolve for all who may read or write; only the administrator creates anything there. */
export const extensionsGrants = (database: string): GrantStep[] =>
  (["owner", "readonly", "backup", "monitoring"] as const).map((group) =>
    grant(roleOf(group, database), ["USAGE"], { database, schema: extensionsSchema }),
  );
