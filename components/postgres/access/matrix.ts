/** The privilege matrix, as data: grants, and the tests of every role, are derived from it. */

/** Privileges of PostgreSQL by kind of object; the tests try a verb that no one is granted as forbidden. */
export const verbs = {
  database: ["CONNECT", "CREATE", "TEMPORARY"],
  schema: ["CREATE", "USAGE"],
  table: ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"],
  sequence: ["SELECT", "UPDATE", "USAGE"],
  function: ["EXECUTE"],
  type: ["USAGE"],
  // PostgreSQL has no such privilege: its functions are granted (`large-objects.ts`).
  largeObject: ["CREATE"],
} as const;

export type ObjectKind = keyof typeof verbs;
export type Verb<Kind extends ObjectKind> = (typeof verbs)[Kind][number];
export type Privileges = { readonly [Kind in ObjectKind]: readonly Verb<Kind>[] };

/** Groups that exist once for each database. */
export const databaseGroups = ["readonly", "readwrite", "owner"] as const;
export type DatabaseGroup = (typeof databaseGroups)[number];

/** Roles that exist once, and `public`: all roles. */
export type Group = DatabaseGroup | "monitoring" | "probe" | "backup" | "pooler" | "public";

export const monitoringLogin = "howdah_monitoring";
/** Tries the pooler as an application does. */
export const probeLogin = "howdah_probe";
export const backupGroup = "howdah_backup";
export const poolerLogin = "howdah_pooler";

/** Logins of jobs; only if these come over the network. */
export const jobLogins = { dump: "howdah_dump", maintenance: "howdah_maintenance" } as const;

const nothing: Privileges = {
  database: [],
  schema: [],
  table: [],
  sequence: [],
  function: [],
  type: [],
  largeObject: [],
};

/**
 * What each group can do, with what it inherits: in its database, in the schemas of the configuration, and with objects
 * that the owner group makes there. The owner group has its rights by ownership and needs no grant.
 */
export const privilegeMatrix: Readonly<Record<Group, Privileges>> = {
  owner: verbs,
  readwrite: {
    ...nothing,
    database: ["CONNECT"],
    schema: ["USAGE"],
    table: ["DELETE", "INSERT", "SELECT", "UPDATE"],
    sequence: ["SELECT", "UPDATE", "USAGE"],
    function: ["EXECUTE"],
    largeObject: ["CREATE"],
  },
  readonly: { ...nothing, database: ["CONNECT"], schema: ["USAGE"], table: ["SELECT"], sequence: ["SELECT"] },
  // Statistics come from membership of pg_monitor, not from rows of the applications. A sequence shows how much of it is used.
  monitoring: { ...nothing, database: ["CONNECT"], sequence: ["SELECT"] },
  // What it writes is a message in the WAL, for which everyone has the right.
  probe: { ...nothing, database: ["CONNECT"] },
  // Not pg_read_all_data: that role reads pg_authid too, and so every password verifier.
  backup: { ...nothing, database: ["CONNECT"], schema: ["USAGE"], table: ["SELECT"], sequence: ["SELECT"] },
  // In addition to this, the one function of `pooler.user_lookup`, which the host installs.
  pooler: { ...nothing, database: ["CONNECT"] },
  public: nothing,
};

/** The group whose rights a group has through membership. */
const inheritedFrom: Partial<Record<Group, Group>> = { readwrite: "readonly" };

/** What has to be granted to a group itself: its row of the matrix without what it inherits. */
export function granted(group: Group, kind: ObjectKind): string[] {
  if (group === "owner") return [];
  const parent = inheritedFrom[group];
  const inherited: readonly string[] = parent === undefined ? [] : privilegeMatrix[parent][kind];
  return privilegeMatrix[group][kind].filter((verb) => !inherited.includes(verb));
}

/** Name of the role of a group in a database. */
export function roleOf(group: Exclude<Group, "public">, database: string): string {
  const clusterWide = {
    monitoring: monitoringLogin,
    probe: probeLogin,
    backup: backupGroup,
    pooler: poolerLogin,
  } as const;
  return group in clusterWide ? clusterWide[group as keyof typeof clusterWide] : `${database}_${group}`;
}
