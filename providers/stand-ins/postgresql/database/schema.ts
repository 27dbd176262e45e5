import { z } from "zod";
import { type AnyResource, type Context, type Recorded, resource } from "../../../runtime/resource";
import type { Connections, Session } from "../session/connections";
import { differences } from "../difference";
import { asMemberOf, databaseOwner, lockRoles } from "../session/membership";
import { identifier } from "../../../../lib/sql/quote";
import { endSessions } from "./sessions";

const schemaSchema = z.strictObject({
  name: z.string().min(1),
  /** Default: the provider's database. */
  database: z.string().optional(),
  /** Default: the connected role. */
  owner: z.string().optional(),
  /** Take over a schema that exists already. */
  ifNotExists: z.boolean().default(true),
  /** On delete, drop what is in the schema too; else a schema with content refuses to go. */
  dropCascade: z.boolean().default(false),
});

type SchemaInputs = z.output<typeof schemaSchema>;
type SchemaState = SchemaInputs & { readonly database: string; readonly owner: string };
type Old = Recorded<SchemaInputs, SchemaState>;

async function readOwner(session: Session, name: string): Promise<string | undefined> {
  const row = await session.row<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [name],
  );
  return row?.owner;
}

/** Sets the owner; the schema has to be there. */
async function settle(session: Session, want: SchemaInputs & { database: string }): Promise<SchemaState> {
  const owner = await readOwner(session, want.name);
  if (owner === undefined) throw new Error("is gone; run a refresh");
  if (want.owner !== undefined && want.owner !== owner) {
    await asMemberOf(session, [owner, want.owner, await databaseOwner(session)], () =>
      session.run(`ALTER SCHEMA ${identifier(want.name)} OWNER TO ${identifier(want.owner ?? owner)}`),
    );
  }
  return { ...want, owner: want.owner ?? owner };
}

async function create(server: Connections, requested: SchemaInputs, context: Context): Promise<SchemaState> {
  const want = { ...requested, database: requested.database ?? server.settings.database };
  const name = identifier(want.name);
  const task = { context, doing: `create schema ${name} in ${identifier(want.database)}`, database: want.database };
  return server.transaction(task, async (session) => {
    const owner = await databaseOwner(session);
    await lockRoles(session, [owner], want.database);
    const found = await readOwner(session, want.name);
    if (found !== undefined && !want.ifNotExists) throw new Error("exists already, and ifNotExists is false");
    if (found === undefined) await asMemberOf(session, [owner], () => session.run(`CREATE SCHEMA ${name}`));
    return settle(session, want);
  });
}

async function update(
  server: Connections,
  old: Old,
  change: { requested: SchemaInputs; context: Context },
): Promise<SchemaState> {
  const { requested, context } = change;
  const want = { ...requested, database: old.state.database };
  const before = identifier(old.state.name);
  const task = { context, doing: `update schema ${before} in ${identifier(want.database)}`, database: want.database };
  return server.transaction(task, async (session) => {
    if (old.state.name !== want.name) {
      await asMemberOf(session, [old.state.owner, await databaseOwner(session)], () =>
        session.run(`ALTER SCHEMA ${before} RENAME TO ${identifier(want.name)}`),
      );
    }
    return settle(session, want);
  });
}

/** Sessions that use what is in a schema; a session that comes in between makes the whole transaction repeat. */
async function clear(session: Session, name: string): Promise<void> {
  await endSessions(
    session,
    `pid IN (SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND n.nspname = $1)`,
    [name],
  );
  await session.run("SET LOCAL lock_timeout = '2s'");
}

async function drop(server: Connections, { state }: Old, context: Context): Promise<void> {
  const name = identifier(state.name);
  const doing = `drop schema ${name} in ${identifier(state.database)}`;
  await server.inDatabase({ context, doing, database: state.database }, async (session) => {
    const owner = await readOwner(session, state.name);
    if (owner === undefined) return;
    if (state.dropCascade) await clear(session, state.name);
    await asMemberOf(session, [owner, await databaseOwner(session)], () =>
      session.run(`DROP SCHEMA ${name} ${state.dropCascade ? "CASCADE" : "RESTRICT"}`),
    );
  });
}

async function read(server: Connections, { state }: Old, context: Context): Promise<SchemaState | undefined> {
  const doing = `read schema ${identifier(state.name)} in ${identifier(state.database)}`;
  const task = { context, doing, database: state.database };
  const owner = await server.inDatabase(task, (session) => readOwner(session, state.name));
  return owner === undefined ? undefined : { ...state, owner };
}

/** `postgresql:index/schema:Schema`; the id is `database.name`. */
export function schema(server: () => Connections): AnyResource {
  return resource<SchemaInputs, SchemaState>({
    schema: schemaSchema,
    empty: { ifNotExists: true, dropCascade: false },
    diff: (old, news) =>
      differences(old, news, {
        properties: Object.keys(schemaSchema.shape),
        replacing: ["database"],
        computed: ["database", "owner"],
      }),
    create: async (inputs, context) => {
      const state = await create(server(), inputs, context);
      return { id: `${state.database}.${state.name}`, state };
    },
    read: (old, context) => read(server(), old, context),
    update: (old, requested, context) => update(server(), old, { requested, context }),
    delete: (old, context) => drop(server(), old, context),
  });
}
