import type { z } from "zod";
import { scriptSchema } from "../../../contracts/host-resources/postgres";
import { changedInputs, type Context, resource } from "../../runtime/resource";
import { type LocalServer, primaryOf, psql, psqlOnPrimary } from "../../../lib/sql/psql";
import { messageOf } from "../../../lib/errors";
import { fillScript } from "../../../lib/text/fill";
import { ProgramError } from "../../../lib/process/task";
import { waitFor } from "../../../lib/retry";
import { fillSql } from "../../../lib/sql/fill";
import { identifier } from "../../../lib/sql/quote";
import { textFile } from "../../../lib/text/text-file";

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

/** What a probe of a database says that refuses sessions, while its server takes them: never what it said after `apply`. */
const unreadable = "unreadable";

/** What the server has of a database; undefined if there is none. `closed`: no sessions, by ALTER DATABASE. */
interface Entry {
  readonly closed: boolean;
  /** By an interrupted DROP DATABASE. */
  readonly broken: boolean;
  /** Settings of its own. */
  readonly settings: readonly string[];
}

/** @throws ProgramError if the server does not answer */
async function entryOf(primary: LocalServer, database: string): Promise<Entry | undefined> {
  const sql = fillSql(textFile(__dirname, "script/entry.sql"), { values: { database } });
  const entry = await psql(primary, { database: "postgres", sql });
  return entry === "" ? undefined : (JSON.parse(entry) as Entry);
}

/** True if the primary says so; what it does not answer is not an answer. */
const isDropped = (primary: LocalServer, database: string): Promise<boolean> =>
  entryOf(primary, database).then(
    (entry) => entry === undefined,
    () => false,
  );

/** Why a database refuses sessions, in the server's words; undefined if it does not. */
const refusal = (primary: LocalServer, database: string): Promise<string | undefined> =>
  psql(primary, { database, sql: "SELECT 1" }).then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );

/** The statement that has a database take sessions again, as far as its entry shows why it does not. */
function remedy(database: string, { closed, broken, settings }: Entry): string {
  const name = identifier(database);
  if (broken) return `DROP DATABASE ${name}`;
  if (closed) return `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`;
  const libraries = settings.filter((setting) => setting.endsWith("_preload_libraries"));
  const suspects = libraries.length > 0 ? libraries : settings;
  return suspects.map((setting) => `ALTER DATABASE ${name} RESET ${setting}`).join("; ");
}

const mending = "psql --host=@host@ --port=@port@ --username=postgres --dbname=postgres --command=@statement@";

interface Refused {
  readonly database: string;
  readonly entry: Entry;
  readonly reason: string;
}

/** Warns that a database cannot be looked into, and says how it can be again. */
function warnOfRefusal(primary: LocalServer, { database, entry, reason }: Refused, context: Context): void {
  const statement = remedy(database, entry);
  const mend =
    statement === ""
      ? "its entry in pg_database does not say why: see the server's log"
      : `to fix it, run as the service user: ${fillScript(mending, { host: primary.socketDirectory, port: primary.port, statement })}`;
  context.warn(`database ${database} rejects connections, so its content is unknown: ${reason}\n${mend}`);
}

/** What a failed probe means: a database that is gone, one that refuses sessions, or a server that went away: then nothing is known. */
async function diagnose(primary: LocalServer, state: State, context: Context): Promise<string> {
  const { database } = state;
  const entry = await entryOf(primary, database).catch(() => "silent" as const);
  if (entry === undefined) return "gone";
  if (entry === "silent") return state.actual;
  // Asked once more: a server that has just come back, or made room, takes it this time.
  const reason = await refusal(primary, database);
  if (reason === undefined) return state.actual;
  warnOfRefusal(primary, { database, entry, reason }, context);
  return unreadable;
}

/** What the probe says now. What it asks about may be gone, its database too. */
async function lookClosely(primary: LocalServer, state: State, context: Context): Promise<string> {
  try {
    return await psql(primary, { database: state.database, sql: state.probe });
  } catch (error) {
    const isGone = error instanceof ProgramError && error.code === sqlError;
    return isGone ? "gone" : diagnose(primary, state, context);
  }
}

/** The same in one question, and a closer look only if it has no answer: each `up` and `preview` asks as often as there are scripts. */
async function look(state: State, context: Context): Promise<string> {
  const { database, probe: sql, servers } = state;
  const answer = await psqlOnPrimary(servers, { database, sql }).catch(() => undefined);
  if (answer !== undefined) return answer;
  const primary = await primaryOf(servers);
  // A cluster that is down is another resource's drift, and tells nothing about this one.
  return primary === undefined ? state.actual : lookClosely(primary, state, context);
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
  read: async ({ state }, context) => ({ ...state, actual: state.probe === "" ? "" : await look(state, context) }),
  update: (_old, news, context) => apply(news, context),
  delete: async (old, context) => {
    if (old.state.revert === "") return;
    const primary = await primaryOf(old.state.servers);
    if (primary === undefined) context.warn("no primary: nothing to undo");
    // With its database, what the script made in there is gone.
    else if (!(await isDropped(primary, old.state.database)))
      await psql(primary, { database: old.state.database, sql: old.state.revert });
  },
});
