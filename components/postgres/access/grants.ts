import { granted, roleOf, type Group, type ObjectKind } from "./matrix";

/** One thing to make. `name` is unique in the plan and stays the same whatever else is in the configuration. */
export interface Step {
  readonly name: string;
  /** Steps that come first. Two GRANTs on one object at a time fail with "tuple concurrently updated". */
  readonly after: readonly string[];
  /** Step whose removal takes this one along: it is not undone by itself then. Default: none. */
  readonly within?: string;
}

export const databaseStep = (database: string): string => `database-${database}`;
export const schemaStep = (database: string, schema: string): string => `schema-${database}-${schema}`;

/** `GRANT … ON DATABASE` or `ON SCHEMA`; no privileges means that all are revoked. */
export interface GrantPlan extends Step {
  readonly database: string;
  readonly kind: "database" | "schema";
  readonly schema?: string;
  /** A role, or `public`. */
  readonly role: string;
  readonly privileges: readonly string[];
}

/** `ALTER DEFAULT PRIVILEGES FOR ROLE owner`, in all schemas of a database. */
export interface DefaultPrivilegePlan extends Step {
  readonly database: string;
  readonly owner: string;
  readonly kind: Exclude<ObjectKind, "database" | "schema" | "largeObject">;
  readonly role: string;
  readonly privileges: readonly string[];
}

type Unordered<T extends Step> = Omit<T, "after">;

const grantees: readonly Exclude<Group, "owner" | "public">[] = [
  "readonly",
  "readwrite",
  "backup",
  "monitoring",
  "pooler",
];

const objectKinds = ["table", "sequence", "function", "type"] as const;

/** Kinds on which PostgreSQL by itself gives PUBLIC a right. Only a rule without a schema takes it away. */
const openToPublic = ["function", "type"] as const;

function databaseGrants(database: string): Unordered<GrantPlan>[] {
  const toPublic = {
    name: `grant-${database}-database-public`,
    database,
    kind: "database" as const,
    role: "public",
    privileges: [],
    within: databaseStep(database),
  };
  return [toPublic, ...grantees.flatMap((group) => grant(group, { database, kind: "database" }))];
}

function grant(group: Exclude<Group, "owner" | "public">, on: Pick<GrantPlan, "database" | "kind" | "schema">) {
  const privileges = granted(group, on.kind);
  if (privileges.length === 0) return [];
  const role = roleOf(group, on.database);
  const object = on.schema === undefined ? on.kind : `${on.kind}-${on.schema}`;
  const within = on.schema === undefined ? databaseStep(on.database) : schemaStep(on.database, on.schema);
  return [{ name: `grant-${on.database}-${object}-${role}`, ...on, role, privileges, within }];
}

function schemaGrants(database: string, schema: string): Unordered<GrantPlan>[] {
  return grantees.flatMap((group) => grant(group, { database, kind: "schema", schema }));
}

/** Nobody creates or looks things up in `public`: unqualified names resolve in the schemas of the configuration. */
const publicSchema = (database: string): Unordered<GrantPlan> => ({
  name: `grant-${database}-schema-public-public`,
  database,
  kind: "schema",
  schema: "public",
  role: "public",
  privileges: [],
  within: databaseStep(database),
});

function defaultsOf(database: string): Unordered<DefaultPrivilegePlan>[] {
  const owner = roleOf("owner", database);
  const rule = (kind: DefaultPrivilegePlan["kind"], role: string, privileges: string[]) => ({
    name: `default-${database}-${kind}-${role}`,
    database,
    owner,
    kind,
    role,
    privileges,
    within: databaseStep(database),
  });
  const rules = grantees.flatMap((group) =>
    objectKinds.map((kind) => rule(kind, roleOf(group, database), granted(group, kind))),
  );
  return [
    ...openToPublic.map((kind) => rule(kind, "public", [])),
    ...rules.filter(({ privileges }) => privileges.length > 0),
  ];
}

/** What has to be granted in one database, and on what its owner makes later; both from the matrix. */
export const grantsOf = (
  database: string,
  schemas: readonly string[],
): { grants: Unordered<GrantPlan>[]; defaultPrivileges: Unordered<DefaultPrivilegePlan>[] } => ({
  grants: [
    ...databaseGrants(database),
    publicSchema(database),
    ...schemas.flatMap((schema) => schemaGrants(database, schema)),
  ],
  defaultPrivileges: defaultsOf(database),
});
