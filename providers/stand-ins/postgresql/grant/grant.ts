import { type AnyResource, type Context, type Recorded, resource } from "../../../runtime/resource";
import type { Connections, Session, Task } from "../session/connections";
import { differences } from "../difference";
import { checkGrant, grantId, type GrantInputs, grantSchema } from "./inputs";
import { isThere, observed, readHeld } from "./read";
import { asMemberOf, databaseOwner, lockRoles } from "../session/membership";
import { samePrivileges } from "./privileges";
import { identifier, PUBLIC, receiver } from "../../../../lib/sql/quote";

type Old = Recorded<GrantInputs, GrantInputs>;

/** `ON ...` of GRANT and REVOKE. */
function target({ objectType, database, schema = "", objects = [] }: GrantInputs): string {
  if (objectType === "database") return `DATABASE ${identifier(database)}`;
  if (objectType === "schema") return `SCHEMA ${identifier(schema)}`;
  const keyword = objectType.toUpperCase();
  if (objects.length === 0) return `ALL ${keyword}S IN SCHEMA ${identifier(schema)}`;
  // Argument types of a function stay as they are: quoted they would be part of its name.
  const name = (object: string) => object.replace(/^[^(]*/, (bare) => identifier(bare));
  return `${keyword} ${objects.map((object) => `${identifier(schema)}.${name(object)}`).join(", ")}`;
}

/** Owners whose membership the statement takes: of the objects, their schema and their database. */
async function owners(session: Session, grant: GrantInputs): Promise<string[]> {
  const held = (await readHeld(session, grant)).map((one) => one.owner);
  if (grant.objectType === "database") return held;
  const schemaOwner = await session.row<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [grant.schema ?? ""],
  );
  return [...new Set([...held, schemaOwner?.owner ?? "", await databaseOwner(session)])];
}

/** Revokes everything and grants what is listed, in the caller's transaction: no session ever sees the moment between. */
async function apply(session: Session, grant: GrantInputs): Promise<void> {
  const { privileges, role } = grant;
  await lockRoles(session, [role], grant.database);
  await asMemberOf(session, await owners(session, grant), async () => {
    await session.run(`REVOKE ALL PRIVILEGES ON ${target(grant)} FROM ${receiver(role)}`);
    if (privileges.length === 0) return;
    const option = grant.withGrantOption ? " WITH GRANT OPTION" : "";
    await session.run(`GRANT ${privileges.join(", ")} ON ${target(grant)} TO ${receiver(role)}${option}`);
  });
}

/** PostgreSQL only warns if a grantor holds no grant option: the outcome is read back. */
async function confirm(session: Session, grant: GrantInputs): Promise<void> {
  const { objectType, privileges } = grant;
  const wrong = (await readHeld(session, grant)).find((one) => !samePrivileges(objectType, one.privileges, privileges));
  if (wrong === undefined) return;
  const held = wrong.privileges.join(", ") || "nothing";
  throw new Error(
    `${identifier(wrong.name)} belongs to ${wrong.owner}; after the attempt the role holds ${held} on it` +
      ` and not ${privileges.join(", ") || "nothing"}`,
  );
}

// A database's own privileges are set from outside: the administrator may not be let into it yet.
const task = (verb: string, { role, database, objectType }: GrantInputs, context: Context): Task => ({
  context,
  doing: `${verb} privileges of ${role === PUBLIC ? "PUBLIC" : identifier(role)} (${objectType}) in ${identifier(database)}`,
  database: objectType === "database" ? undefined : database,
});

async function put(server: Connections, grant: GrantInputs, context: Context): Promise<GrantInputs> {
  await server.transaction(task("grant", grant, context), async (session) => {
    await apply(session, grant);
    await confirm(session, grant);
  });
  return grant;
}

async function revoke(server: Connections, { state }: Old, context: Context): Promise<void> {
  await server.inDatabase(task("revoke", state, context), async (session) => {
    if (await isThere(session, state)) await apply(session, { ...state, privileges: [] });
  });
}

async function read(server: Connections, { state }: Old, context: Context): Promise<GrantInputs | undefined> {
  return server.inDatabase(task("read", state, context), async (session) =>
    (await isThere(session, state)) ? observed(state, await readHeld(session, state)) : undefined,
  );
}

/** `postgresql:index/grant:Grant`. */
export function grant(server: () => Connections): AnyResource {
  return resource<GrantInputs, GrantInputs>({
    schema: grantSchema,
    deleteBeforeReplace: true,
    validate: checkGrant,
    empty: { privileges: [], withGrantOption: false },
    diff: (old, news) =>
      differences(old, news, {
        properties: Object.keys(grantSchema.shape),
        replacing: ["role", "database", "schema", "objectType", "objects", "withGrantOption"],
        sets: ["objects", "privileges"],
      }),
    create: async (inputs, context) => ({ id: grantId(inputs), state: await put(server(), inputs, context) }),
    read: (old, context) => read(server(), old, context),
    update: (_old, want, context) => put(server(), want, context),
    delete: (old, context) => revoke(server(), old, context),
  });
}
