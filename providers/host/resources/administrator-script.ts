import type { z } from "zod";
import { administratorScriptSchema } from "../../../contracts/host-resources/postgres";
import { changedInputs, type Change, type Context, type Recorded, resource } from "../../runtime/resource";
import { codeOf, runSteps, Unreachable } from "../remote-sql";

type Inputs = z.output<typeof administratorScriptSchema>;
/** `fingerprint` is what the probe said after `apply`, `actual` what it says now. */
type State = Inputs & { fingerprint: string; actual: string };

/** Connection settings; changing one does not imply drift. */
const ways: readonly string[] = ["host", "port", "sslmode", "caFile", "password"];

/** SQLSTATE classes of a statement that meets a missing object (42) or schema (3F): what it asks about is gone. */
const meansGone = (error: unknown): boolean => /^(42|3F)/.test(codeOf(error) ?? "");

const invalidDatabase = "3D000";

async function probe(inputs: Inputs, context: Context): Promise<string> {
  return inputs.probe === "" ? "" : runSteps(inputs, [{ sql: inputs.probe }], context.signal);
}

/** As `probe`; an error that means that objects are missing is an answer. */
async function found(inputs: Inputs, context: Context): Promise<string> {
  try {
    return await probe(inputs, context);
  } catch (error) {
    if (error instanceof Unreachable || !meansGone(error)) throw error;
    return "gone";
  }
}

async function apply(inputs: Inputs, context: Context): Promise<State> {
  await runSteps(inputs, inputs.apply, context.signal);
  const fingerprint = await probe(inputs, context);
  return { ...inputs, fingerprint, actual: fingerprint };
}

async function update(old: Recorded<Inputs, State>, news: Inputs, context: Context): Promise<State> {
  const { fingerprint, actual } = old.state;
  const changed = changedInputs(old.inputs, news).map(({ property }) => property);
  if (actual !== fingerprint || changed.some((property) => !ways.includes(property))) return apply(news, context);
  // Behind another address there may be another server; a new password needs no look.
  const elsewhere = changed.includes("host") || changed.includes("port");
  if (elsewhere && (await found(news, context)) !== fingerprint) return apply(news, context);
  return { ...news, fingerprint, actual };
}

const drift = ({ state }: Recorded<Inputs, State>): Change[] =>
  state.actual === state.fingerprint ? [] : [{ property: "actual", kind: "update", drift: true }];

/**
 * SQL of a server's administrator who is not a superuser, over TLS: if the platform owns the machine and its socket. Read by
 * `--refresh` alone, and not before each `up`: where a pull request is previewed, the database may be out of reach.
 */
export const administratorScript = resource<Inputs, State>({
  schema: administratorScriptSchema,
  diff: (old, news) => [...changedInputs(old.inputs, news, ["database"]), ...drift(old)],
  create: async (inputs, context) => {
    const state = await apply(inputs, context);
    return { id: `${inputs.database}/${context.name}`, state };
  },
  read: async (old, context) => {
    try {
      return { ...old.state, actual: await found(old.state, context) };
    } catch (error) {
      // A server that cannot be queried is another resource's drift, and says nothing about this one.
      context.warn(`not checked for drift: ${error instanceof Error ? error.message : "an error"}`);
      return old.state;
    }
  },
  update,
  delete: async (old, context) => {
    if (old.state.revert === "") return;
    try {
      await runSteps(old.state, [{ sql: old.state.revert }], context.signal);
    } catch (error) {
      const gone = error instanceof Unreachable && error.code === invalidDatabase;
      if (!gone) throw error;
    }
  },
});
