import { type AnyResource, type Context, type Recorded, resource } from "../../../runtime/resource";
import type { Connections } from "../session/connections";
import { dropDatabase } from "./drop";
import { type DatabaseInputs, type DatabaseState, databaseComputed, databaseSchema } from "./inputs";
import { alterDatabase, ensureDatabase, readDatabase } from "./steps";
import { differences } from "../difference";
import { asMemberOf } from "../session/membership";
import { identifier } from "../../../../lib/sql/quote";

type Old = Recorded<DatabaseInputs, DatabaseState>;

async function create(server: Connections, want: DatabaseInputs, context: Context): Promise<DatabaseState> {
  await ensureDatabase(server, want, context);
  const doing = `set up database ${identifier(want.name)}`;
  return server.transaction({ context, doing }, (session) => alterDatabase(session, want));
}

/** Hands what the former owner owns inside the database to the new one. */
async function handOver(
  server: Connections,
  old: Old,
  change: { want: DatabaseInputs; context: Context },
): Promise<void> {
  const { want, context } = change;
  const from = old.state.owner;
  const to = want.owner;
  if (!want.alterObjectOwnership || to === undefined || to === from) return;
  const doing = `hand over objects in database ${identifier(want.name)}`;
  await server.transaction({ context, doing, database: want.name }, (session) =>
    asMemberOf(session, [from, to], () => session.run(`REASSIGN OWNED BY ${identifier(from)} TO ${identifier(to)}`)),
  );
}

async function update(
  server: Connections,
  old: Old,
  change: { want: DatabaseInputs; context: Context },
): Promise<DatabaseState> {
  const { want, context } = change;
  const before = identifier(old.state.name);
  const doing = `update database ${before}`;
  if (old.state.name !== want.name) {
    await server.close(old.state.name);
    await server.transaction({ context, doing }, (session) =>
      asMemberOf(session, [old.state.owner], () =>
        session.run(`ALTER DATABASE ${before} RENAME TO ${identifier(want.name)}`),
      ),
    );
  }
  await handOver(server, old, change);
  return server.transaction({ context, doing }, (session) => alterDatabase(session, want));
}

/** `postgresql:index/database:Database`; the id is the database's name. */
export function database(server: () => Connections): AnyResource {
  return resource<DatabaseInputs, DatabaseState>({
    schema: databaseSchema,
    empty: { connectionLimit: -1, allowConnections: true, alterObjectOwnership: false },
    diff: (old, news) =>
      differences(old, news, {
        properties: Object.keys(databaseSchema.shape),
        replacing: ["template", "encoding", "lcCollate", "lcCtype"],
        computed: databaseComputed,
      }),
    create: async (inputs, context) => ({ id: inputs.name, state: await create(server(), inputs, context) }),
    read: (old, context) =>
      server().transaction({ context, doing: `read database ${identifier(old.state.name)}` }, (session) =>
        readDatabase(session, old.state),
      ),
    update: (old, want, context) => update(server(), old, { want, context }),
    delete: (old, context) => dropDatabase(server(), old.state.name, context),
  });
}
