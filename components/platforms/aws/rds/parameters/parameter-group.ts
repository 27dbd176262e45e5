import { renderOverrides } from "../../../../postgres/parameters/check";
import type { PostgresSettings } from "../../../../postgres/schema";
import type { Problem } from "../../../../../lib/values";
import { toBaseUnit } from "./base-unit";
import { type Engine, ownedByService, parameterTable } from "./parameter-table";

/** One entry of `rds.ParameterGroup` or `rds.ClusterParameterGroup`. */
export interface GroupParameter {
  readonly name: string;
  readonly value: string;
  readonly applyMethod: "immediate" | "pending-reboot";
}

/** What a group is computed from. */
interface GroupInput {
  readonly engine: Engine;
  /** Group of Aurora's: its cluster has one, and its instances have one. Default: one group for everything, as on RDS. */
  readonly level?: "cluster" | "instance";
  /** The set of `serverParameters`, in PostgreSQL's notation. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Publications, subscriptions, and blue/green deployments need it. Default: false. */
  readonly logicalReplication?: boolean;
  /** True for a Multi-AZ DB cluster: the writer slows down before its readers fall two minutes behind. Default: false. */
  readonly flowControl?: boolean;
}

/**
 * Family of a parameter group.
 * @param version major version of PostgreSQL
 */
export const parameterFamily = (engine: Engine, version: number): string => `${engine}${version}`;

/**
 * The last layer: what safety depends on, in PostgreSQL's notation. Logs leave for CloudWatch at once; on the server they stay for three
 * days, RDS' own figure.
 */
const forced: Readonly<Record<string, string>> = {
  password_encryption: "scram-sha-256",
  "pgaudit.role": "rds_pgaudit",
  "rds.accepted_password_auth_method": "scram",
  "rds.force_autovacuum_logging_level": "warning",
  "rds.force_ssl": "on",
  "rds.log_retention_period": "3d",
  ssl_min_protocol_version: "TLSv1.2",
};

/** Names come from a user: `constructor` is none of the table's. */
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Why the engine's group has no such parameter; undefined if it has. */
export function ownershipReason(engine: Engine, name: string): string | undefined {
  const owned = own(ownedByService, name);
  if (owned !== undefined) return owned;
  const support = own(parameterTable, name)?.engines[engine];
  if (support === undefined) throw new RangeError(`${name} is in no table of RDS parameters`);
  return typeof support === "string" ? support : undefined;
}

/** The value as the group takes it, or what it takes. */
function groupValue(engine: Engine, name: string, value: string): { value: string } | { allowed: string } {
  const row = own(parameterTable, name);
  const support = row?.engines[engine];
  if (row === undefined || support === undefined || typeof support === "string") return { allowed: "nothing" };
  const { range, values } = support;
  const converted = toBaseUnit(value, row.unit);
  const counted = row.unit === "none" ? "numbers" : `whole ${row.unit}`;
  if (converted === undefined) return { allowed: row.unit === "boolean" ? "on or off" : counted };
  if (range !== undefined && !(Number(converted) >= range[0] && Number(converted) <= range[1]))
    return { allowed: `${range[0]} to ${range[1]}${row.unit === "none" ? "" : ` (${row.unit})`}` };
  if (values === undefined) return { value: converted };
  // PostgreSQL does not look at the case of a choice; the service does.
  const chosen = (row.unit === "list" ? converted.split(",") : [converted]).map((text) =>
    values.find((one) => one.toLowerCase() === text.toLowerCase()),
  );
  return chosen.includes(undefined) ? { allowed: values.join(", ") } : { value: chosen.join(",") };
}

function groupParameter(engine: Engine, name: string, value: string): GroupParameter {
  const result = groupValue(engine, name, value);
  if ("allowed" in result)
    throw new RangeError(`${name}: found "${value}"; allowed with engine ${engine}: ${result.allowed}`);
  const applyMethod = parameterTable[name]?.apply === "static" ? "pending-reboot" : "immediate";
  return { name, value: result.value, applyMethod };
}

/** Whether the group of this level is where the parameter belongs. */
function belongs({ engine, level }: GroupInput, name: string): boolean {
  const support = own(parameterTable, name)?.engines[engine];
  return level === undefined || (typeof support === "object" && support.level === level);
}

/**
 * Parameters of a group, sorted by name: the server's without those that the service owns, and the forced ones. With Aurora, a parameter is in
 * the instances' group if that takes it, because what that group says wins over the cluster's; else in the cluster's.
 * @throws RangeError if a value has no exact figure in the group's unit, is outside the engine's own range, or a name is in no table
 */
export function rdsParameters(input: GroupInput): GroupParameter[] {
  const { engine, parameters, logicalReplication = false, flowControl = false } = input;
  const libraries = parameters["shared_preload_libraries"] ?? "";
  const all = {
    ...parameters,
    ...forced,
    // AWS has it in the list by default, and a list of our own without it turns it off (RDS User Guide, "Mitigating replica lag").
    shared_preload_libraries: flowControl ? `${libraries},flow_control` : libraries,
    ...(logicalReplication ? { "rds.logical_replication": "on" } : {}),
  };
  return Object.entries(all)
    .filter(([name]) => ownershipReason(engine, name) === undefined && belongs(input, name))
    .map(([name, value]) => groupParameter(engine, name, value))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What overrides are checked against. */
export interface OverrideInput {
  readonly engine: Engine;
  /** Major version of PostgreSQL. */
  readonly version: number;
  /** `howdah:postgres.parameters`, free of problems (`parameterProblems`). */
  readonly overrides: PostgresSettings["parameters"];
}

/** Overrides that the engine would not take, and that must not be dropped in silence. */
export function overrideProblems({ engine, version, overrides }: OverrideInput): Problem[] {
  return Object.entries(renderOverrides(overrides, version)).flatMap(([name, value]) => {
    const path = ["postgres", "parameters", name];
    const reason = ownershipReason(engine, name);
    if (reason !== undefined) return [{ path, message: `cannot be overridden with engine ${engine}: ${reason}` }];
    const result = groupValue(engine, name, value);
    if (!("allowed" in result)) return [];
    return [
      { path, message: `found ${JSON.stringify(overrides[name])}; allowed with engine ${engine}: ${result.allowed}` },
    ];
  });
}
