import { backupPlan } from "../components/backup/plan";
import { clientLimits } from "../components/pgbouncer/client-settings";
import type { EarlierKeys } from "../components/ports/earlier-keys";
import type { Platform, PlatformInput } from "../components/ports/platform";
import { failoverPlan } from "../components/postgres/objectives";
import { serverParameters } from "../components/postgres/parameters/parameters";
import { Access } from "../components/postgres/access/access";
import { type StackOutputs, stackOutputs } from "./outputs";
import type { Settings } from "./config/settings";
import { budgetOf, parameterInput } from "./config/parameters";
import { definitionOf, sectionsOf } from "./platforms";

/** What the pure core computes of the settings, for any platform. */
export function planOf(stack: string, settings: Settings): PlatformInput {
  const { objectives, postgres, pooler, databases, network, monitoring } = settings;
  const { defaults, monitoring: monitored } = definitionOf(settings.platform);
  const plan = failoverPlan(objectives, postgres.replicas);
  const parameters = parameterInput(settings);
  return {
    stack,
    objectives,
    postgres,
    pooler,
    network,
    databases: Object.keys(databases),
    backup: backupPlan(settings.backup, defaults),
    monitoring: { ...monitoring, enabled: monitoring.enabled ?? monitored },
    plan,
    budget: budgetOf(settings),
    limits: clientLimits(databases),
    preparedStatements: parameters.preparedStatements,
    parameters: serverParameters(parameters),
  };
}

/** The platform that the settings ask for. */
export function platformFor(input: PlatformInput, settings: Settings): Platform {
  const definition = definitionOf(settings.platform);
  return definition.load().make(input, sectionsOf(definition, settings));
}

/** Has the platform look whether a change may be made. A refused one rejects, and has touched nothing. */
export async function admitted(stack: string, settings: Settings): Promise<void> {
  const definition = definitionOf(settings.platform);
  const { postgres, databases } = settings;
  await definition.load().admit?.({ stack, postgres, databases }, sectionsOf(definition, settings));
}

/** What the state has of the key that the stack makes for its dumps; undefined if it makes none, or keeps earlier ones elsewhere. */
export async function earlierKeysOf({ platform, backup }: Settings): Promise<EarlierKeys | undefined> {
  if (backup.logical.recipient !== undefined) return undefined;
  return definitionOf(platform).load().earlierKeys?.();
}

/**
 * The whole stack, in the order in which its parts need each other.
 * @param stack name of the stack
 * @param earlierKeys default: none, as in a new stack
 */
export function compose(stack: string, settings: Settings, earlierKeys?: EarlierKeys): StackOutputs {
  const plan = { ...planOf(stack, settings), ...(earlierKeys === undefined ? {} : { earlierKeys }) };
  const platform = platformFor(plan, settings);
  const access = new Access("access", {
    server: platform.server,
    databases: settings.databases,
    poolers: plan.budget.poolers,
    protect: definitionOf(settings.platform).defaults.protect,
  });
  const pooler = platform.pooler(access);
  const backups = platform.backups(access);
  const monitoring = platform.monitoring?.(access, backups);
  const parts = { settings, server: platform.server, access, pooler, backups };
  return stackOutputs({ ...parts, ...(monitoring === undefined ? {} : { monitoring }) });
}
