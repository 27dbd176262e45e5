import { z } from "zod";
import { type AnyResource, type Context, type Recorded, resource } from "../../../runtime/resource";
import type { Connections, Session, Task } from "../session/connections";
import { differences } from "../difference";
import { asMemberOf, databaseOwner, lockRoles } from "../session/membership";
import { codeOf } from "../session/errors";
import { identifier, literal } from "../../../../lib/sql/quote";

const extensionSchema = z.strictObject({
  name: z.string().min(1),
  /** Default: the provider's database. */
  database: z.string().optional(),
  /** Default: the one that the extension names, or the first of the search path. */
  schema: z.string().optional(),
  /** Default: the newest that is installed on the server. */
  version: z.string().optional(),
  /** Makes the extensions that it requires, too. */
  createCascade: z.boolean().default(false),
  /** On delete, drop what uses the extension, too; else one in use refuses to go. */
  dropCascade: z.boolean().default(false),
});

type Inputs = z.output<typeof extensionSchema>;
type State = Inputs & { readonly database: string; readonly schema: string; readonly version: string };
type Old = Recorded<Inputs, State>;

interface Found {
  readonly schema: string;
  readonly version: string;
  readonly owner: string;
}

const taskOf = (verb: string, name: string, where: { database: string; context: Context }): Task => ({
  ...where,
  doing: `${verb} extension ${identifier(name)} in ${identifier(where.database)}`,
});

const find = (session: Session, name: string): Promise<Found | undefined> =>
  session.row<Found & Record<string, unknown>>(
    `SELECT nspname::text AS schema, extversion AS version, pg_get_userbyid(extowner)::text AS owner
     FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = $1`,
    [name],
  );

const schemaOwner = async (session: Session, schema: string): Promise<string> =>
  (
    await session.row<{ owner: string }>(
      "SELECT pg_get_userbyid(nspowner)::text AS owner FROM pg_namespace WHERE nspname = $1",
      [schema],
    )
  )?.owner ?? "";

/** Brings one that is there to its schema and version. */
async function settle(session: Session, want: Inputs & { database: string }): Promise<State> {
  const name = identifier(want.name);
  const found = await find(session, want.name);
  if (found === undefined) throw new Error("is gone; run a refresh");
  const { schema, version } = want;
  if (schema !== undefined && schema !== found.schema) {
    const owners = [found.owner, await schemaOwner(session, schema), await databaseOwner(session)];
    await asMemberOf(session, owners, () =>
      session.run(`ALTER EXTENSION ${name} SET SCHEMA ${identifier(schema)}`),
    ).catch((error: unknown) => {
      if (codeOf(error) !== "42501") throw error;
      // The objects of a trusted extension belong to the superuser that its script ran as.
      throw new Error(`is in schema ${found.schema}, and only a superuser can move it to ${schema}: name its schema`);
    });
  }
  if (version !== undefined && version !== found.version) {
    const owners = [found.owner, await databaseOwner(session)];
    await asMemberOf(session, owners, () => session.run(`ALTER EXTENSION ${name} UPDATE TO ${literal(version)}`));
  }
  return { ...want, schema: schema ?? found.schema, version: version ?? found.version };
}

/** A trusted extension is made by who may create in the database: as a member of its owner. */
async function create(server: Connections, requested: Inputs, context: Context): Promise<State> {
  const want = { ...requested, database: requested.database ?? server.settings.database };
  return server.transaction(taskOf("create", want.name, { database: want.database, context }), async (session) => {
    const owner = await databaseOwner(session);
    await lockRoles(session, [owner], want.database);
    if ((await find(session, want.name)) === undefined) {
      const { schema, version, createCascade } = want;
      const options = [
        ...(schema === undefined ? [] : [`SCHEMA ${identifier(schema)}`]),
        ...(version === undefined ? [] : [`VERSION ${literal(version)}`]),
        ...(createCascade ? ["CASCADE"] : []),
      ];
      await asMemberOf(session, [owner], () =>
        session.run(["CREATE EXTENSION", identifier(want.name), ...options].join(" ")),
      );
    }
    return settle(session, want);
  });
}

async function update(server: Connections, { state }: Old, change: { want: Inputs; context: Context }): Promise<State> {
  const want = { ...change.want, database: state.database };
  const task = taskOf("update", want.name, { database: want.database, context: change.context });
  return server.transaction(task, (session) => settle(session, want));
}

async function read(server: Connections, { state }: Old, context: Context): Promise<State | undefined> {
  const { name, database } = state;
  const found = await server.inDatabase(taskOf("read", name, { database, context }), (session) => find(session, name));
  return found === undefined ? undefined : { ...state, schema: found.schema, version: found.version };
}

async function drop(server: Connections, { state }: Old, context: Context): Promise<void> {
  const { name, database, dropCascade } = state;
  await server.inDatabase(taskOf("drop", name, { database, context }), async (session) => {
    const found = await find(session, name);
    if (found === undefined) return;
    await asMemberOf(session, [found.owner], () =>
      session.run(`DROP EXTENSION ${identifier(name)} ${dropCascade ? "CASCADE" : "RESTRICT"}`),
    );
  });
}

/** `postgresql:index/extension:Extension`; the id is `database.name`. */
export function extension(server: () => Connections): AnyResource {
  return resource<Inputs, State>({
    schema: extensionSchema,
    empty: { createCascade: false, dropCascade: false },
    diff: (old, news) =>
      differences(old, news, {
        properties: Object.keys(extensionSchema.shape),
        replacing: ["name", "database"],
        computed: ["database", "schema", "version"],
      }),
    create: async (inputs, context) => {
      const state = await create(server(), inputs, context);
      return { id: `${state.database}.${state.name}`, state };
    },
    read: (old, context) => read(server(), old, context),
    update: (old, want, context) => update(server(), old, { want, context }),
    delete: (old, context) => drop(server(), old, context),
  });
}
