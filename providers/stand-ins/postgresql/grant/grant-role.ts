import { z } from "zod";
import { type AnyResource, type Context, type Recorded, resource } from "../../../runtime/resource";
import type { Connections, Session } from "../session/connections";
import { differences } from "../difference";
import { lockRoles } from "../session/membership";
import { identifier } from "../../../../lib/sql/quote";
import { textFile } from "../../../../lib/text/text-file";

const grantRoleSchema = z.strictObject({
  /** The member. */
  role: z.string().min(1),
  /** The group that it becomes a member of. */
  grantRole: z.string().min(1),
  withAdminOption: z.boolean().default(false),
});

type Inputs = z.output<typeof grantRoleSchema>;
type Old = Recorded<Inputs, Inputs>;

const task = (verb: string, { role, grantRole }: Inputs, context: Context) => ({
  context,
  doing: `${verb} membership of ${identifier(role)} in ${identifier(grantRole)}`,
});

async function create(server: Connections, want: Inputs, context: Context): Promise<void> {
  const pair = [identifier(want.grantRole), identifier(want.role)];
  await server.transaction(task("grant", want, context), async (session) => {
    await lockRoles(session, [want.role, want.grantRole]);
    await session.run(`REVOKE ${pair.join(" FROM ")}`);
    await session.run(`GRANT ${pair.join(" TO ")}${want.withAdminOption ? " WITH ADMIN OPTION" : ""}`);
  });
}

/** The membership as the catalogs have it. */
async function membership(session: Session, { role, grantRole }: Inputs): Promise<Inputs | undefined> {
  const found = await session.row<{ admin: boolean | null }>(textFile(__dirname, "membership.sql"), [role, grantRole]);
  return found?.admin == null ? undefined : { role, grantRole, withAdminOption: found.admin };
}

const read = (server: Connections, { state }: Old, context: Context): Promise<Inputs | undefined> =>
  server.transaction(task("read", state, context), (session) => membership(session, state));

async function revoke(server: Connections, { state }: Old, context: Context): Promise<void> {
  await server.transaction(task("revoke", state, context), async (session) => {
    const both = await session.rows("SELECT FROM pg_roles WHERE rolname IN ($1, $2)", [state.role, state.grantRole]);
    if (both.length < 2) return;
    await lockRoles(session, [state.role, state.grantRole]);
    await session.run(`REVOKE ${identifier(state.grantRole)} FROM ${identifier(state.role)}`);
    // From PostgreSQL 16 on, REVOKE only warns about a membership that another role has granted.
    if ((await membership(session, state)) !== undefined)
      throw new Error("is still there: only its grantor, or a superuser, can revoke it");
  });
}

/** `postgresql:index/grantRole:GrantRole`; the id is `role_grantRole_withAdminOption`. */
export function grantRole(server: () => Connections): AnyResource {
  return resource<Inputs, Inputs>({
    schema: grantRoleSchema,
    empty: { withAdminOption: false },
    diff: (old, news) =>
      differences(old, news, {
        properties: Object.keys(grantRoleSchema.shape),
        replacing: ["role", "grantRole", "withAdminOption"],
      }),
    create: async (inputs, context) => {
      await create(server(), inputs, context);
      return { id: [inputs.role, inputs.grantRole, String(inputs.withAdminOption)].join("_"), state: inputs };
    },
    read: (old, context) => read(server(), old, context),
    update: (old) => Promise.resolve(old.state),
    delete: (old, context) => revoke(server(), old, context),
  });
}
