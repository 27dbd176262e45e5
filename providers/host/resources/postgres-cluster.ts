import type { z } from "zod";
import { postgresClusterSchema } from "../../../contracts/host-resources/postgres";
import { type Change, type Context, type Properties, changedInputs, resource } from "../../runtime/resource";
import { restoreConfiguration, tryParameters, type Wanted, writeConfiguration } from "../patroni/apply";
import { isHealthy, leaderOf, PatroniCluster } from "../patroni/cluster";
import { configurationPatch } from "../patroni/configuration";
import { awaitHostRules } from "../patroni/host-rules";
import { retire } from "../patroni/retirement";
import { awaitHealthy, type Operation, rollingRestart } from "../patroni/rolling-restart";
import { memberProblem } from "../patroni/server-log";
import { StartFailure, whileServersStart } from "../patroni/start-failure";
import { awaitTaken } from "../patroni/applied";
import { pooledDatabases, resumeAll } from "../routing/pooler-console";
import { readmit, withheld } from "../routing/router";
import { whilePlanned } from "../../../lib/supervisor/planned-work";
import { logFolder, logTail, stopProgram } from "../../../lib/supervisor/supervisor";
import { diskHint } from "../../../lib/system/disk";
import { waitFor } from "../../../lib/retry";

type Inputs = z.output<typeof postgresClusterSchema>;
/** `actual` is the configuration as the DCS has it, cut to our keys; `problems` lists what a look found wrong. */
type State = Inputs & { actual: Properties; problems: string[] };

/** Work that takes servers or connections away: alerts that follow from it stay silent. A reload goes unannounced. */
const announced = <T>({ supervisor }: Inputs, work: () => Promise<T>): Promise<T> =>
  whilePlanned({ directory: supervisor }, "update", work);

const clusterOf = (inputs: Inputs): PatroniCluster => new PatroniCluster(inputs.members, inputs);

const ours = (inputs: Inputs, configuration: Properties): Properties =>
  Object.fromEntries(Object.keys(inputs.configuration).map((key) => [key, configuration[key]]));

function operationOf(inputs: Inputs, context: Context): Operation {
  return { cluster: clusterOf(inputs), pooler: inputs.pooler, router: inputs.router, context };
}

async function settled(inputs: Inputs): Promise<State> {
  const actual = ours(inputs, (await clusterOf(inputs).configuration()) ?? {});
  return { ...inputs, actual, problems: [] };
}

/** The end of the logs of all members, for the error of a cluster that does not come up. */
async function logs(inputs: Inputs): Promise<string> {
  const at = { directory: inputs.supervisor };
  const tails = await Promise.all(
    inputs.members.map(async ({ service }) => `--- ${service}\n${await logTail(at, service)}`),
  );
  return tails.join("\n");
}

/** Ends what a run that was killed may have left: a paused pooler, a replica without reads. */
async function releaseClients(inputs: Inputs): Promise<void> {
  await resumeAll(inputs.pooler);
  await readmit(inputs.router, await withheld(inputs.router));
}

const wantedOf = ({ configuration, mark, postgresBin }: Inputs): Wanted => ({
  configuration,
  mark: mark.parameter,
  postgresBin,
});

/** What the log of a member says of a server that does not start. */
async function reasonOf(inputs: Inputs, name: string, since: number): Promise<string> {
  const member = inputs.members.find((one) => one.name === name);
  const reason = member && (await memberProblem(logFolder({ directory: inputs.supervisor }), member, since));
  return reason ?? `its log does not say why\n${await logs(inputs)}`;
}

/**
 * Waits until every server has the configuration, restarted if it takes that.
 * @param before the configuration that goes back in where a server does not start with the new one; default: none
 */
async function bringIntoForce(inputs: Inputs, context: Context, before?: Properties): Promise<void> {
  const operation = operationOf(inputs, context);
  const since = Date.now();
  context.progress("waiting until every member has the configuration");
  try {
    await whileServersStart(operation, async (watched) => {
      await awaitTaken(watched, inputs.mark);
      const restarts = (await watched.cluster.view())?.some((member) => member.pending_restart === true) !== false;
      await (restarts ? announced(inputs, () => rollingRestart(watched)) : rollingRestart(watched));
    });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    const reason = await reasonOf(inputs, error.member, since);
    if (before !== undefined) await restoreConfiguration(operation, before);
    const aftermath =
      before === undefined
        ? ""
        : "\nThe previous configuration was restored, and the server starts with it; correct howdah:postgres.parameters.";
    throw new Error(`${error.message}: ${reason}${aftermath}`);
  }
  if (inputs.hostRules !== undefined) await awaitHostRules(operation, inputs.hostRules);
}

/** Seconds in which a first start usually has a leader. */
const usual = 15;

/** Waits for the cluster's first start. Parameters that no server starts with would have Patroni begin again forever. */
async function awaitFirstStart(inputs: Inputs, operation: Operation): Promise<void> {
  const { cluster, context } = operation;
  const leads = async (): Promise<true | undefined> => {
    // A configuration is there only if a server has started before: of an earlier run, whose values may be what keeps the servers down.
    if ((await cluster.configuration()) !== undefined) return true;
    return leaderOf((await cluster.view()) ?? []) === undefined ? undefined : true;
  };
  const begun = await waitFor(leads, { timeout: usual * 1000, signal: context.signal });
  if (begun === undefined) await tryParameters(wantedOf(inputs), "No server has started yet");
  else await writeConfiguration(operation, wantedOf(inputs));
  await awaitHealthy(operation, inputs.startSeconds * 1000);
}

/** Stops one member's Patroni; its service goes with its own resource, later. */
const stopMember = (inputs: Inputs, name: string): Promise<void> =>
  stopProgram({ directory: inputs.supervisor }, inputs.members.find((one) => one.name === name)?.service ?? "");

async function retireMembers(old: Inputs, news: Inputs, context: Context): Promise<void> {
  const staying = news.members.map(({ name }) => name);
  if (old.members.every(({ name }) => staying.includes(name))) return;
  const awaitStaying = () => awaitHealthy(operationOf(news, context), news.startSeconds * 1000);
  const stop = (name: string) => stopMember(old, name);
  await announced(news, () => retire(operationOf(old, context), { staying, awaitStaying, stop }));
}

async function heldBack(inputs: Inputs): Promise<string[]> {
  const databases = await pooledDatabases(inputs.pooler).catch(() => []);
  return [
    ...databases.filter(({ paused }) => paused).map(({ name }) => `the pooler pauses the clients of ${name}`),
    ...(await withheld(inputs.router)).map((name) => `the router sends no reads to ${name}`),
  ];
}

async function findProblems(inputs: Inputs): Promise<string[]> {
  const held = await heldBack(inputs);
  const view = await clusterOf(inputs).view();
  if (view === undefined) return [...held, "no member answers"];
  const names = inputs.members.map((one) => one.name);
  const waiting = view.filter((one) => names.includes(one.name) && one.pending_restart === true);
  const pending = waiting.map(({ name }) => `${name} waits for a restart`);
  return [...held, ...pending, ...(isHealthy(view, names) ? [] : ["a member does not run, or does not stream"])];
}

function driftOf(state: State): Change[] {
  const edited = configurationPatch(state.actual, state.configuration) !== undefined;
  return [
    ...(edited ? [{ property: "actual", kind: "update", drift: true } as const] : []),
    ...(state.problems.length > 0 ? [{ property: "problems", kind: "update", drift: true } as const] : []),
  ];
}

/** The PostgreSQL cluster that the Patroni services form: its dynamic configuration, its rolling restarts, its leader. */
export const postgresCluster = resource<Inputs, State>({
  schema: postgresClusterSchema,
  refreshBeforeUpdate: true,
  diff: (old, news) => [...changedInputs(old.inputs, news, ["scope"]), ...driftOf(old.state)],
  create: async (inputs, context) => {
    const operation = operationOf(inputs, context);
    try {
      await awaitFirstStart(inputs, operation);
    } catch (error) {
      const hint = await diskHint(inputs.supervisor);
      throw new Error(`${hint}${(error as Error).message}\n${await logs(inputs)}`);
    }
    await releaseClients(inputs);
    await writeConfiguration(operation, wantedOf(inputs));
    await bringIntoForce(inputs, context);
    return { id: inputs.scope, state: await settled(inputs) };
  },
  read: async (old) => {
    const configuration = await clusterOf(old.state).configuration();
    const actual = configuration === undefined ? old.state.actual : ours(old.state, configuration);
    return { ...old.state, actual, problems: await findProblems(old.state) };
  },
  update: async (old, news, context) => {
    await releaseClients(news);
    // Before anything waits for servers: a value that keeps them down would have it wait in vain.
    const before = await writeConfiguration(operationOf(news, context), wantedOf(news));
    await retireMembers(old.inputs, news, context);
    await bringIntoForce(news, context, before);
    return settled(news);
  },
  delete: () => Promise.resolve(),
});
