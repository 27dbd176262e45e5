import type { z } from "zod";
import { scriptSchema } from "../../../contracts/host-resources/postgres";
import { changedInputs, type Context, resource } from "../../runtime/resource";
import { type LocalServer, primaryOf, psql } from "../../../lib/sql/psql";
import { ProgramError } from "../../../lib/process";
import { waitFor } from "../../../lib/retry";

type Inputs = z.output<typeof scriptSchema>;
/** `fingerprint` is what the probe said after `apply`, `actual` what it says now. */
type State = Inputs & { fingerprint: string; actual: string };

async function onPrimary(inputs: Inputs, context: Context, sql: string): Promise<string> {
  const primary = await waitFor(() => primaryOf(inputs.servers), {
    timeout: 60_000,
    signal: context.signal,
    interval: 500,
  });
  if (primary === undefined)
    throw new Error("no server of the cluster is the primary: see `npm run pulumi -- refresh`");
  return psql(primary, { database: inputs.database, sql });
}

const probe = (inputs: Inputs, context: Context): Promise<string> =>
  inputs.probe === "" ? Promise.resolve("") : onPrimary(inputs, context, inputs.probe);

/** psql's code for an error of the SQL itself (psql's reference page, "Exit Status"); a server, or a database, that is not there is 2. */
const sqlError = 3;

/** True if the primary says so; what it does not answer is no answer. */
async function isDropped(primary: LocalServer, database: string): Promise<boolean> {
  const sql = "SELECT pg_catalog.array_to_json(pg_catalog.array_agg(datname)) FROM pg_catalog.pg_database";
  const names = await psql(primary, { database: "postgres", sql }).catch(() => undefined);
  return names !== undefined && !(JSON.parse(names) as string[]).includes(database);
}

/** What the probe says now. What it asks about may be gone, its database too; if only the server is, nothing is known. */
async function look(primary: LocalServer, state: State, context: Context): Promise<string> {
  try {
    return await probe(state, context);
  } catch (error) {
    const gone = error instanceof ProgramError && error.code === sqlError;
    return gone || (await isDropped(primary, state.database)) ? "gone" : state.actual;
  }
}

async function apply(inputs: Inputs, context: Context): Promise<State> {
  await onPrimary(inputs, context, inputs.apply);
  const fingerprint = await probe(inputs, context);
  return { ...inputs, fingerprint, actual: fingerprint };
}

/** SQL that only a superuser may run, over the Unix socket of the primary: no superuser ever logs in over TCP. */
export const script = resource<Inputs, State>({
  schema: scriptSchema,
  refreshBeforeUpdate: true,
  diff: (old, news) => [
    // Members come and go; what the script made is in the cluster, not in a member.
    ...changedInputs(old.inputs, news, ["database"]).filter((change) => change.property !== "servers"),
    ...(old.state.actual === old.state.fingerprint
      ? []
      : [{ property: "actual", kind: "update", drift: true } as const]),
  ],
  create: async (inputs, context) => {
    const state = await apply(inputs, context);
    return { id: `${inputs.database}/${context.name}`, state };
  },
  read: async (old, context) => {
    const primary = await primaryOf(old.state.servers);
    // A cluster that is down is another resource's drift, and tells nothing about this one.
    return primary === undefined ? old.state : { ...old.state, actual: await look(primary, old.state, context) };
  },
  update: (_old, news, context) => apply(news, context),
  delete: async (old, context) => {
    if (old.state.revert === "") return;
    const primary = await primaryOf(old.state.servers);
    if (primary === undefined) context.warn("no primary: nothing to take back");
    // With its database, what the script made in there is gone.
    else if (!(await isDropped(primary, old.state.database)))
      await psql(primary, { database: old.state.database, sql: old.state.revert });
  },
});
