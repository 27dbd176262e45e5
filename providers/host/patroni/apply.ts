import type { Properties } from "../../runtime/resource";
import { waitFor } from "../../../lib/retry";
import { isHealthy, leaderOf } from "./cluster";
import { configurationPatch } from "./configuration";
import type { Operation } from "./rolling-restart";
import { type Parameters, refusalOf } from "./trial";

/** Patroni's dynamic configuration that the DCS is to have. */
export interface Wanted {
  readonly configuration: Properties;
  /** Server parameter that only names the configuration. */
  readonly mark: string;
  /** Folder of PostgreSQL's programs. */
  readonly postgresBin: string;
}

const isObject = (value: unknown): value is Properties => typeof value === "object" && value !== null;

/** The server parameters in a dynamic configuration, as text. */
export function parametersOf(configuration: Properties): Parameters {
  const section = configuration["postgresql"];
  const parameters = isObject(section) ? section["parameters"] : undefined;
  if (!isObject(parameters)) return {};
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
}

/** True if a patch sets a parameter other than the mark. */
const bringsParameters = (patch: Properties, mark: string): boolean =>
  Object.entries(parametersOf(patch)).some(([name, value]) => name !== mark && value !== "null");

/**
 * Rejects with the server's own words if a server would not start with the parameters.
 * @param aftermath what becomes of the refused configuration
 */
export async function tryParameters(wanted: Wanted, aftermath: string): Promise<void> {
  const refusal = await refusalOf(parametersOf(wanted.configuration), { postgresBin: wanted.postgresBin });
  if (refusal === undefined) return;
  throw new Error(
    `PostgreSQL does not start with these parameters:\n${refusal}\n${aftermath}; correct howdah:postgres.parameters and run \`up\` again`,
  );
}

/** The configuration of a DCS; a Patroni that has just been started answers after a moment. */
async function currentConfiguration({ cluster, context }: Operation): Promise<Properties> {
  const found = await waitFor(() => cluster.configuration(), { timeout: 60_000, signal: context.signal });
  if (found === undefined) throw new Error("no member of the cluster answers on its REST API after a minute");
  return found;
}

/**
 * Writes the configuration into the DCS, whatever state the servers are in: a value that keeps them from starting goes before
 * anything waits for them. While a server runs, changed parameters are first tried on a throwaway server: a value of that kind does
 * not get in.
 * @returns the configuration to go back to where a server does not start with the new one; undefined if nothing changed, or not
 *   all of the servers ran with the old one
 */
export async function writeConfiguration(operation: Operation, wanted: Wanted): Promise<Properties | undefined> {
  const { cluster, context } = operation;
  const before = await currentConfiguration(operation);
  const patch = configurationPatch(before, wanted.configuration);
  if (patch === undefined) return undefined;
  const view = (await cluster.view()) ?? [];
  // If no server runs, nothing is worse with another value that does not do, and every second counts.
  if (leaderOf(view)?.state === "running" && bringsParameters(patch, wanted.mark)) {
    context.progress("trying the parameters on a throwaway server");
    await tryParameters(wanted, "The cluster keeps its current parameters");
  }
  const worked = isHealthy(
    view,
    cluster.members.map(({ name }) => name),
  );
  await cluster.patch(patch);
  return worked ? before : undefined;
}

/** Restores a configuration, and removes keys that it did not have. */
export async function restoreConfiguration({ cluster }: Operation, before: Properties): Promise<void> {
  const now = (await cluster.configuration()) ?? {};
  const added = Object.fromEntries(Object.keys(now).map((key) => [key, null]));
  const patch = configurationPatch(now, { ...added, ...before });
  if (patch !== undefined) await cluster.patch(patch);
}
