import type { z } from "zod";
import { removalsSchema } from "../../../contracts/host-resources/postgres";
import { changedInputs, type Context, type Recorded, resource, sameValue } from "../../runtime/resource";
import { type LocalServer, primaryOf, psql } from "../../../lib/sql/psql";
import {
  departures,
  type Departures,
  describe,
  type Held,
  isNone,
  joined,
  type Made,
  remaining,
  withFormerParts,
} from "../removals/removals";
import {
  contentsOf,
  databasesOf,
  dependents,
  type Dependent,
  dependentsOf,
  extensionsOf,
  intactDatabases,
  rolesOf,
  schemasOf,
  usersOf,
} from "../removals/sql";

type Inputs = z.output<typeof removalsSchema>;
/** Of `databases`: what the config makes, and what earlier ones made that is still there. */
type State = Pick<Inputs, "servers"> & { databases: Record<string, Made> };

const list = async <T>(server: LocalServer, database: string, sql: string): Promise<T[]> =>
  JSON.parse(await psql(server, { database, sql })) as T[];

/** What hangs on logins that leave, by login: PostgreSQL would refuse to drop them. */
async function heldByLogins(server: LocalServer, { logins, databases }: Departures): Promise<Held[]> {
  if (logins.length === 0) return [];
  const found = await list<Dependent>(server, "postgres", dependents(logins, databases.going));
  const held = found.map(async ({ login, database }) => ({
    what: `login "${login}"`,
    holds: await list<string>(server, database ?? "postgres", dependentsOf(login, database)),
  }));
  return Promise.all(held);
}

/** What would be lost, or would keep PostgreSQL from dropping the rest. */
async function findHeld(server: LocalServer, leaving: Departures, record: State["databases"]): Promise<Held[]> {
  const there = await list<string>(server, "postgres", intactDatabases);
  const madeIn = (database: string): readonly string[] => record[database]?.extensions ?? [];
  const inDatabases = leaving.databases.kept.map(async (database) => ({
    what: `database "${database}"`,
    holds: there.includes(database) ? await list<string>(server, database, contentsOf(madeIn(database))) : [],
  }));
  const inSchemas = leaving.schemas.map(async ([database, name]) => ({
    what: `schema "${name}" of database "${database}"`,
    holds: there.includes(database) ? await list<string>(server, database, contentsOf(madeIn(database), name)) : [],
  }));
  const ofExtensions = leaving.extensions.map(async ([database, name]) => ({
    what: `extension "${name}" of database "${database}"`,
    holds: there.includes(database) ? await list<string>(server, database, usersOf(name)) : [],
  }));
  const found = [
    ...(await Promise.all([...inDatabases, ...inSchemas, ...ofExtensions])),
    ...(await heldByLogins(server, leaving)),
  ];
  return found.filter(({ holds }) => holds.length > 0);
}

async function refuse(old: Recorded<Inputs, State>, { servers, databases }: Inputs): Promise<void> {
  const leaving = departures(old.state.databases, databases);
  if (isNone(leaving)) return;
  const primary = (await primaryOf(servers)) ?? (await primaryOf(old.state.servers));
  if (primary === undefined)
    throw new Error(
      `${describe.names(leaving)} would be dropped, but no server answers as the primary, so its content is unknown. ` +
        "Put it back, start the servers with `make up`, and try again.",
    );
  const held = await findHeld(primary, leaving, old.state.databases);
  if (held.length > 0) throw new Error(describe.refusal(held));
}

/**
 * Forgets what the config no longer has once the primary does not have it either. No server is asked while everything on record is in
 * the config, and nothing is forgotten while no server answers as the primary.
 */
async function read({ inputs, state }: Recorded<Inputs, State>): Promise<State> {
  const config = inputs.databases;
  if (sameValue(state.databases, config)) return state;
  const primary = (await primaryOf(inputs.servers)) ?? (await primaryOf(state.servers));
  if (primary === undefined) return state;
  const databases = await list<string>(primary, "postgres", databasesOf);
  const logins = await list<string>(primary, "postgres", rolesOf);
  const queried = withFormerParts(state.databases, config).filter((name) => databases.includes(name));
  const partsOf = async (sql: string): Promise<Map<string, string[]>> =>
    new Map(await Promise.all(queried.map(async (name) => [name, await list<string>(primary, name, sql)] as const)));
  const found = { databases, logins, schemas: await partsOf(schemasOf), extensions: await partsOf(extensionsOf) };
  return { ...state, databases: remaining(state.databases, config, found) };
}

/**
 * What a config makes and may hold data, so that a change which would drop it is refused at preview, before the first
 * statement: databases and schemas with anything in them that are not said to be removable, and logins on which anything hangs.
 * What has left the config is on record until it is dropped: if an `up` fails before that, the next one looks again.
 */
export const removals = resource<Inputs, State>({
  schema: removalsSchema,
  refuse,
  // Members come and go; what the config makes is in the cluster, not in a member.
  diff: (old, news) => changedInputs(old.inputs, news).filter(({ property }) => property !== "servers"),
  create: (inputs, context: Context) => Promise.resolve({ id: context.name, state: inputs }),
  refreshBeforeUpdate: true,
  read,
  update: ({ state }, news) => Promise.resolve({ ...news, databases: joined(state.databases, news.databases) }),
  delete: () => Promise.resolve(),
});
