import { connectionBudget } from "../../components/capacity/connections";
import { failoverPlan } from "../../components/postgres/objectives";
import type { ParameterInput } from "../../components/postgres/parameters/parameters";
import type { Databases, Objectives, PostgresSettings } from "../../components/postgres/schema";
import { type AwsSettings, storageOf } from "../../components/platforms/aws/schema/schema";
import { engineDefaults } from "../../components/platforms/aws/sizes";
import { toBytes } from "../../lib/values";

/** The parts of the settings that take part in the server's parameters. */
export interface ParameterSettings {
  readonly aws?: AwsSettings | undefined;
  readonly objectives: Objectives;
  readonly postgres: PostgresSettings;
  readonly databases: Databases;
}

/** Input of `serverParameters`: the settings, the connection budget and the failover plan brought together. */
export function parameterInput({ objectives, postgres, databases, aws }: ParameterSettings): ParameterInput {
  const override = postgres.parameters.max_connections;
  const budget = connectionBudget(databases, override === undefined ? undefined : Number(override));
  return {
    version: postgres.version,
    memoryBytes: toBytes(postgres.memory),
    cpus: postgres.cpus,
    storage: postgres.storage,
    workload: postgres.workload,
    maxConnections: budget.maxConnections,
    pooledConnections: budget.poolTotal,
    ...(aws === undefined || aws.topology === "aurora" ? {} : { diskBytes: toBytes(storageOf(aws).size) }),
    archiveTimeoutSeconds: failoverPlan(objectives, postgres.replicas).archiveTimeout,
    // What an engine chooses by itself, the user may choose otherwise.
    overrides: { ...(aws === undefined ? {} : engineDefaults(aws)), ...postgres.parameters },
  };
}
