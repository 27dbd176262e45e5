import { backupPlan, profileOf, usualDumps } from "../components/backup/plan";
import { clientLimits } from "../components/pgbouncer/client-settings";
import { connectionBudget } from "../components/capacity/connections";
import type { HostInput } from "../components/ports";
import { failoverPlan } from "../components/postgres/objectives";
import { serverParameters } from "../components/postgres/parameters/parameters";
import { Access } from "../components/postgres/access/access";
import { hostFor } from "./hosts";
import { type StackOutputs, stackOutputs } from "./outputs";
import type { Settings } from "./config/settings";
import { parameterInput } from "./config/parameters";

/** What the pure core computes of the settings, for any platform. */
export function planOf(stack: string, settings: Settings): HostInput {
  const { objectives, postgres, pooler, databases, network } = settings;
  const plan = failoverPlan(objectives, postgres.replicas);
  const override = postgres.parameters["max_connections"];
  const budget = connectionBudget(databases, override === undefined ? undefined : Number(override));
  const parameters = serverParameters(parameterInput(settings));
  return {
    stack,
    objectives,
    postgres,
    pooler,
    network,
    databases: Object.keys(databases),
    backup: backupPlan(settings.backup, profileOf(settings.platform), usualDumps(settings.platform)),
    plan,
    budget,
    limits: clientLimits(databases),
    parameters,
  };
}

/**
 * The whole stack, in the order in which its parts need each other.
 * @param stack name of the stack
 */
export function compose(stack: string, settings: Settings): StackOutputs {
  const host = hostFor(planOf(stack, settings), settings);
  const access = new Access("access", {
    server: host.server,
    databases: settings.databases,
    protect: settings.platform !== "local",
  });
  const pooler = host.pooler(access);
  const backups = host.backups(access);
  return stackOutputs({ settings, server: host.server, access, pooler, backups });
}
