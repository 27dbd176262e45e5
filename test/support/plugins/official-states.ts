import type { Properties } from "../../../providers/runtime/resource";

/** A resource as the official plugin leaves it in the state: its inputs, and its outputs with nulls and bookkeeping. */
export interface OfficialState {
  readonly plugin: "postgresql" | "random";
  readonly type: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** One changed input, by update in place unless `replaces`. */
  readonly changed: Properties;
  readonly replaces?: boolean;
}

/** What the bridge keeps of the raw Terraform state: how these very outputs lead back to it. */
const delta = { __pulumi_raw_state_delta: { obj: { ps: { searchPaths: { arr: { es: {} } } } } } };
const meta = (version: string) => ({ __meta: `{"schema_version":"${version}"}` });

const role = (name: string): Properties => ({
  id: name, name, login: false, superuser: false, createDatabase: false, createRole: false, inherit: true, replication: false,
  bypassRowLevelSecurity: false, connectionLimit: -1, encrypted: null, encryptedPassword: true, skipDropRole: false,
  skipReassignOwned: false, validUntil: "infinity", password: "", passwordWo: "", passwordWoVersion: null, roles: null,
  searchPaths: [], statementTimeout: 0, idleInTransactionSessionTimeout: 0, assumeRole: "",
}); // prettier-ignore

const login = {
  name: "clerk", login: true, password: "SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5", roles: ["staff"], searchPaths: ["app"],
  statementTimeout: 300_000, idleInTransactionSessionTimeout: 60_000,
}; // prettier-ignore

/** Every resource type of both plugins, in the order in which they need each other. */
export const officialStates: readonly OfficialState[] = [
  {
    plugin: "postgresql",
    type: "role:Role",
    id: "staff",
    inputs: { __defaults: ["connectionLimit", "encryptedPassword", "validUntil"], name: "staff", connectionLimit: -1,
      encryptedPassword: true, validUntil: "infinity", inherit: true, roles: [] }, // prettier-ignore
    outputs: { ...role("staff"), ...delta, ...meta("0") },
    changed: { createDatabase: true },
  },
  {
    plugin: "postgresql",
    type: "role:Role",
    id: "clerk",
    inputs: { __defaults: [], ...login },
    outputs: { ...role("clerk"), ...login, ...delta },
    changed: { statementTimeout: 1000, searchPaths: ["other"] },
  },
  {
    plugin: "postgresql",
    type: "grantRole:GrantRole",
    id: "admin_login_staff_false",
    inputs: { __defaults: [], role: "admin_login", grantRole: "staff" },
    outputs: {
      id: "admin_login_staff_false",
      role: "admin_login",
      grantRole: "staff",
      withAdminOption: null,
      ...delta,
    },
    changed: { withAdminOption: true },
    replaces: true,
  },
  {
    plugin: "postgresql",
    type: "database:Database",
    id: "shop",
    inputs: { __defaults: ["allowConnections", "connectionLimit"], name: "shop", owner: "staff", encoding: "UTF8", lcCollate: "C",
      lcCtype: "C", allowConnections: true, connectionLimit: -1 }, // prettier-ignore
    outputs: {
      id: "shop", name: "shop", owner: "staff", encoding: "UTF8", lcCollate: "C", lcCtype: "C", template: "template0",
      tablespaceName: "pg_default", connectionLimit: -1, allowConnections: true, isTemplate: false, alterObjectOwnership: null, ...delta,
    }, // prettier-ignore
    changed: { connectionLimit: 9 },
  },
  {
    plugin: "postgresql",
    type: "schema:Schema",
    id: "shop.app",
    inputs: { __defaults: ["ifNotExists"], name: "app", database: "shop", owner: "staff", ifNotExists: true },
    outputs: {
      id: "shop.app",
      name: "app",
      database: "shop",
      owner: "staff",
      ifNotExists: true,
      dropCascade: null,
      policies: [],
      ...delta,
    },
    changed: { dropCascade: true },
  },
  {
    plugin: "postgresql",
    type: "extension:Extension",
    id: "shop.pgcrypto",
    inputs: { __defaults: [], name: "pgcrypto", database: "shop", schema: "public" },
    outputs: {
      id: "shop.pgcrypto",
      name: "pgcrypto",
      database: "shop",
      schema: "public",
      version: "1.3",
      createCascade: null,
      dropCascade: null,
      ...delta,
    },
    changed: { dropCascade: true },
  },
  {
    plugin: "postgresql",
    type: "grant:Grant",
    id: "public_shop_database",
    inputs: { __defaults: [], database: "shop", role: "public", objectType: "database", privileges: [] },
    outputs: { id: "public_shop_database", database: "shop", role: "public", objectType: "database", privileges: null, schema: null,
      objects: null, columns: null, withGrantOption: null, ...delta }, // prettier-ignore
    changed: { privileges: ["CONNECT"] },
  },
  {
    plugin: "postgresql",
    type: "defaultPrivileges:DefaultPrivileges",
    id: "public_shop_noschema_staff_function",
    inputs: {
      __defaults: [],
      database: "shop",
      role: "public",
      owner: "staff",
      objectType: "function",
      privileges: [],
    },
    outputs: { id: "public_shop_noschema_staff_function", database: "shop", role: "public", owner: "staff", objectType: "function",
      privileges: null, schema: null, withGrantOption: null, ...delta }, // prettier-ignore
    changed: { privileges: ["EXECUTE"] },
  },
  {
    plugin: "random",
    type: "randomPassword:RandomPassword",
    id: "none",
    inputs: { __defaults: [], length: 48, special: false },
    outputs: { id: "none", length: 48, special: false, lower: true, upper: true, numeric: true, number: true, minLower: 0, minUpper: 0,
      minNumeric: 0, minSpecial: 0, keepers: null, overrideSpecial: null, result: "r".repeat(48), bcryptHash: "$2a$10$x", ...meta("3"),
      ...delta }, // prettier-ignore
    changed: { keepers: { version: "1" } },
    replaces: true,
  },
  {
    plugin: "random",
    type: "randomBytes:RandomBytes",
    id: "AAAA",
    inputs: { __defaults: [], length: 3 },
    outputs: { id: "AAAA", length: 3, base64: "AAAA", hex: "000000", keepers: null, ...delta },
    changed: { length: 4 },
    replaces: true,
  },
  {
    plugin: "random",
    type: "randomId:RandomId",
    id: "AAAA",
    inputs: { __defaults: [], byteLength: 3 },
    outputs: {
      id: "AAAA",
      byteLength: 3,
      b64Std: "AAAA",
      b64Url: "AAAA",
      dec: "0",
      hex: "000000",
      keepers: null,
      prefix: null,
      ...delta,
    },
    changed: { byteLength: 4 },
    replaces: true,
  },
];
