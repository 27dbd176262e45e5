import { type AnyResource, type Context, type Recorded, resource } from "../../../runtime/resource";
import type { Connections, Session } from "../session/connections";
import { differences } from "../difference";
import { asMemberOf, lockRoles } from "../session/membership";
import { identifier } from "../../../../lib/sql/quote";
import { type RoleInputs, type RoleState, roleSchema } from "./inputs";
import { readRole } from "./read";
import { alterRole, freshRole } from "./statements";

type Old = Recorded<RoleInputs, RoleState>;

/** The state of a role that is there: the server's view, and what only the program knows. */
async function stateOf(session: Session, inputs: RoleInputs): Promise<RoleState | undefined> {
  const facts = await readRole(session, inputs.name, inputs.validUntil);
  return facts && { ...inputs, ...facts };
}

/** From PostgreSQL 16 on, REVOKE only warns about a membership that another role has granted. */
async function settle(session: Session, want: RoleInputs): Promise<RoleState> {
  const state = await stateOf(session, want);
  if (state === undefined) throw new Error(`role ${identifier(want.name)} is gone again`);
  const left = (state.roles ?? []).filter((role) => !(want.roles ?? []).includes(role));
  if (left.length > 0)
    throw new Error(`is still a member of ${left.join(", ")}: only its grantor, or a superuser, can revoke that`);
  return state;
}

/** Creates the role, or completes one that a killed run left behind. */
async function create(server: Connections, want: RoleInputs, context: Context): Promise<RoleState> {
  server.hide(want.password);
  const name = identifier(want.name);
  return server.transaction({ context, doing: `create role ${name}` }, async (session) => {
    const found = await readRole(session, want.name, want.validUntil);
    if ((found?.superuser === true && !want.superuser) || want.name === server.administrator) {
      throw new Error("exists, and is a superuser or the provider's own login: not taken over");
    }
    if (found === undefined) await session.run(`CREATE ROLE ${name}`);
    else context.warn(`role ${name} existed already and is managed from now on`);
    for (const statement of alterRole(found ?? freshRole(want.name), want, true)) await session.run(statement);
    return settle(session, want);
  });
}

async function update(
  server: Connections,
  old: Old,
  change: { want: RoleInputs; context: Context },
): Promise<RoleState> {
  const { want, context } = change;
  server.hide(want.password);
  server.hide(old.state.password);
  const renamed = old.state.name !== want.name;
  return server.transaction({ context, doing: `update role ${identifier(old.state.name)}` }, async (session) => {
    await lockRoles(session, [old.state.name]);
    if (renamed) await session.run(`ALTER ROLE ${identifier(old.state.name)} RENAME TO ${identifier(want.name)}`);
    const found = await readRole(session, want.name, want.validUntil);
    if (found === undefined) throw new Error("is gone; run a refresh");
    // A rename clears an MD5 password.
    const setPassword = renamed || (old.state.password ?? "") !== (want.password ?? "");
    for (const statement of alterRole(found, want, setPassword)) await session.run(statement);
    return settle(session, want);
  });
}

/**
 * Hands what the role owns in the provider's database to the administrator, revokes its privileges there, and drops it. As
 * with the official plugin other databases are left alone: if the role still owns or holds something there, the drop
 * fails and names it.
 */
async function drop(server: Connections, { state, id }: Old, context: Context): Promise<void> {
  const role = state.name === "" ? id : state.name;
  const name = identifier(role);
  await server.transaction({ context, doing: `drop role ${name}` }, async (session) => {
    await lockRoles(session, [role]);
    const found = await session.rows("SELECT FROM pg_roles WHERE rolname = $1", [role]);
    if (found.length === 0) return;
    if (!state.skipReassignOwned) {
      await asMemberOf(session, [role], async () => {
        await session.run(`REASSIGN OWNED BY ${name} TO CURRENT_USER`);
        await session.run(`DROP OWNED BY ${name}`);
      });
    }
    if (!state.skipDropRole) await session.run(`DROP ROLE ${name}`);
  });
}

/** A role that nothing is said of. */
const empty: RoleState = { ...roleSchema.parse({ name: "any" }), name: "" };

/** `postgresql:index/role:Role`; the id is the role's name. */
export function role(server: () => Connections): AnyResource {
  return resource<RoleInputs, RoleState>({
    schema: roleSchema,
    empty,
    diff: (old, news) => differences(old, news, { properties: Object.keys(roleSchema.shape), sets: ["roles"] }),
    create: async (inputs, context) => ({ id: inputs.name, state: await create(server(), inputs, context) }),
    // The state's name and not the id: the engine keeps the id when a rename updates the role in place.
    read: (old, context) =>
      server().transaction({ context, doing: `read role ${identifier(old.state.name)}` }, (session) =>
        stateOf(session, old.state),
      ),
    update: (old, want, context) => update(server(), old, { want, context }),
    delete: (old, context) => drop(server(), old, context),
  });
}
