import { type ConnectionBudget, connectionBudget } from "../../components/capacity/connections";
import { preparedStatements } from "../../components/capacity/prepared-statements";
import type { PoolerSettings } from "../../components/pgbouncer/schema";
import { failoverPlan } from "../../components/postgres/objectives";
import { extensionDefaults, extensionParameters } from "../../components/postgres/extensions/extensions";
import { type ParameterInput, preparedThatFit } from "../../components/postgres/parameters/parameters";
import type { Databases, Objectives, PostgresSettings } from "../../components/postgres/schema";
import { toBytes } from "../../lib/values";
import { definitionOf, type PlatformName, type PlatformSections } from "../platforms";

/** The parts of the settings that take part in the server's parameters. */
export interface ParameterSettings extends PlatformSections {
  readonly platform: PlatformName;
  readonly objectives: Objectives;
  readonly postgres: PostgresSettings;
  readonly pooler: PoolerSettings;
  readonly databases: Databases;
}

/** The sections that the connection budget follows from. */
export type BudgetSettings = PlatformSections & Pick<ParameterSettings, "platform" | "postgres" | "databases">;

/** The most poolers at a time. */
export const mostPoolers = ({ platform, ...own }: PlatformSections & Pick<ParameterSettings, "platform">): number =>
  definitionOf(platform).poolers?.(own) ?? 1;

/** How the settings share out the server's connections. */
export function budgetOf(settings: BudgetSettings): ConnectionBudget {
  const override = settings.postgres.parameters["max_connections"];
  return connectionBudget(
    settings.databases,
    override === undefined ? undefined : Number(override),
    mostPoolers(settings),
  );
}

/** Input of `serverParameters`: the settings, the connection budget and the failover plan brought together. */
export function parameterInput(settings: ParameterSettings): ParameterInput & { readonly preparedStatements: number } {
  const { platform, objectives, postgres, pooler, databases, ...own } = settings;
  const budget = budgetOf(settings);
  const memoryBytes = toBytes(postgres.memory);
  const { diskBytes, defaults } = definitionOf(platform).parameters?.(own) ?? {};
  const input: ParameterInput = {
    version: postgres.version,
    memoryBytes,
    cpus: postgres.cpus,
    storage: postgres.storage,
    workload: postgres.workload,
    maxConnections: budget.maxConnections,
    pooledConnections: budget.poolTotal,
    ...(diskBytes === undefined ? {} : { diskBytes }),
    archiveTimeoutSeconds: failoverPlan(objectives, postgres.replicas).archiveTimeout,
    extensionParameters: extensionParameters(databases),
    // What an engine or a library chooses by itself, the user may choose otherwise.
    overrides: { ...extensionDefaults(databases), ...defaults, ...postgres.parameters },
  };
  const chosen = pooler.parameters["max_prepared_statements"];
  const computed = (): number => preparedThatFit(input, preparedStatements(memoryBytes, budget.poolTotal));
  return { ...input, preparedStatements: chosen === undefined ? computed() : Number(chosen) };
}
