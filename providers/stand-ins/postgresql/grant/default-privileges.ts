import { z } from "zod";
import { type AnyResource, type Context, type Failure, type Recorded, resource } from "../../../runtime/resource";
import type { Connections, Session, Task } from "../session/connections";
import { differences } from "../difference";
import { asMemberOf, lockRoles } from "../session/membership";
import { privilegesSchema, samePrivileges, wrongPrivileges } from "./privileges";
import { identifier, PUBLIC, receiver } from "../../../../lib/sql/quote";
import { textFile } from "../../../../lib/text/text-file";
import { fillSql } from "../../../../lib/sql/fill";

/** By type: its code in `pg_default_acl`, and in the built-in defaults. */
const codes = {
  table: ["r", "r"],
  sequence: ["S", "s"],
  function: ["f", "f"],
  routine: ["f", "f"],
  type: ["T", "T"],
  schema: ["n", "n"],
} as const;
const objectTypes = Object.keys(codes) as (keyof typeof codes)[];

const defaultsSchema = z.strictObject({
  /** `public` stands for everybody. */
  role: z.string().min(1),
  database: z.string().min(1),
  /** Role whose new objects get the privileges. */
  owner: z.string().min(1),
  /** Default: objects in every schema. */
  schema: z.string().optional(),
  objectType: z.enum(objectTypes, { error: `must be one of ${objectTypes.join(", ")}` }),
  privileges: privilegesSchema,
  withGrantOption: z.boolean().default(false),
});

type Inputs = z.output<typeof defaultsSchema>;
type Old = Recorded<Inputs, Inputs>;

function check({ schema = "", objectType, role, withGrantOption, privileges }: Inputs): Failure[] {
  const failures = wrongPrivileges(objectType, privileges);
  if (schema !== "" && objectType === "schema") {
    failures.push({ property: "schema", reason: "cannot be given for objectType schema" });
  }
  if (withGrantOption && role === PUBLIC) {
    failures.push({ property: "withGrantOption", reason: "cannot be true for role public" });
  }
  return failures;
}

const task = (verb: string, { role, owner, database, objectType }: Inputs, context: Context): Task => ({
  context,
  doing: `${verb} default privileges of ${role} on each ${objectType} of ${identifier(owner)} in ${identifier(database)}`,
  database,
});

async function apply(session: Session, want: Inputs): Promise<void> {
  const { role, owner, schema = "", objectType, privileges } = want;
  const place = schema === "" ? "" : ` IN SCHEMA ${identifier(schema)}`;
  const head = `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)}${place}`;
  const kind = `${objectType.toUpperCase()}S`;
  await lockRoles(session, [owner], want.database);
  await asMemberOf(session, [owner], async () => {
    await session.run(`${head} REVOKE ALL ON ${kind} FROM ${receiver(role)}`);
    if (privileges.length === 0) return;
    const option = want.withGrantOption ? " WITH GRANT OPTION" : "";
    await session.run(`${head} GRANT ${privileges.join(", ")} ON ${kind} TO ${receiver(role)}${option}`);
  });
}

async function put(server: Connections, want: Inputs, context: Context): Promise<Inputs> {
  if (want.role === PUBLIC && (want.schema ?? "") !== "" && want.privileges.length === 0) {
    context.warn("a schema's default privileges only add to the database's: PUBLIC keeps its privileges from there");
  }
  await server.transaction(task("alter", want, context), (session) => apply(session, want));
  return want;
}

type Held = Pick<Inputs, "privileges" | "withGrantOption">;

/** What the receiver gets on new objects: the entry of the catalog, else the built-in default (none in a schema). */
async function readPrivileges(session: Session, want: Inputs): Promise<Held | undefined> {
  const [code, builtIn] = codes[want.objectType];
  return session.row<Held>(fillSql(textFile(__dirname, "default-privileges.sql"), { values: { public: PUBLIC } }), [
    want.owner,
    want.role,
    want.schema ?? "",
    code,
    builtIn,
    want.withGrantOption,
  ]);
}

async function read(server: Connections, { state }: Old, context: Context): Promise<Inputs | undefined> {
  const held = await server.inDatabase(task("read", state, context), (session) => readPrivileges(session, state));
  // As with the official plugin, a receiver that has nothing any more means that the resource is gone.
  if (held === undefined || (held.privileges.length === 0 && state.privileges.length > 0)) return undefined;
  const same = samePrivileges(state.objectType, held.privileges, state.privileges);
  return { ...state, ...held, privileges: same ? state.privileges : held.privileges };
}

async function revoke(server: Connections, { state }: Old, context: Context): Promise<void> {
  await server.inDatabase(task("revoke", state, context), async (session) => {
    if ((await readPrivileges(session, state)) !== undefined) await apply(session, { ...state, privileges: [] });
  });
}

/** `postgresql:index/defaultPrivileges:DefaultPrivileges`; the id is `role_database_schema_owner_type`. */
export function defaultPrivileges(server: () => Connections): AnyResource {
  return resource<Inputs, Inputs>({
    schema: defaultsSchema,
    validate: check,
    empty: { privileges: [], withGrantOption: false },
    diff: (old, news) =>
      differences(old, news, {
        properties: Object.keys(defaultsSchema.shape),
        replacing: ["role", "database", "owner", "schema", "objectType", "withGrantOption"],
        sets: ["privileges"],
      }),
    create: async (inputs, context) => {
      const { role, database, schema = "", owner, objectType } = inputs;
      const id = [role, database, schema === "" ? "noschema" : schema, owner, objectType].join("_");
      return { id, state: await put(server(), inputs, context) };
    },
    read: (old, context) => read(server(), old, context),
    update: (_old, want, context) => put(server(), want, context),
    delete: (old, context) => revoke(server(), old, context),
  });
}
