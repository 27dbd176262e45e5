import type { Problem } from "../../../lib/values";
import { renderOverrides } from "./check";
import { fixedDefaults } from "./defaults";
import { forced } from "./forced";
import { type ParameterInput, memoryShares, minWorkMem, queryMemory, worstCaseMemory } from "./memory";
import { GB, MB, memoryBytes, renderMemory } from "../../../lib/units";

export { type ParameterInput, worstCaseMemory } from "./memory";

type Parameters = Record<string, string>;

/** Caps of max_wal_size; pgtune. */
const maxWal: Readonly<Record<ParameterInput["workload"], number>> = { web: 4 * GB, oltp: 8 * GB, analytics: 16 * GB };

/** WAL sizes: pgtune's, but no more than the memory, as a small server has a small disk. A slot may keep twice that, so a lost replica cannot fill the disk. */
function wal({ workload, memoryBytes: memory }: ParameterInput): Parameters {
  const max = Math.floor(Math.min(maxWal[workload], Math.max(GB, memory)) / MB) * MB;
  return {
    max_slot_wal_keep_size: renderMemory(Math.max(4 * GB, 2 * max)),
    max_wal_size: renderMemory(max),
    min_wal_size: renderMemory(Math.floor(max / 4 / MB) * MB),
    wal_keep_size: renderMemory(Math.floor(max / 4 / MB) * MB),
  };
}

/** Workers from the cores; pgtune: no parallel query below 4 cores, at most 4 workers per query outside analytics. */
function workers({ cpus, workload }: ParameterInput): Parameters {
  const half = Math.ceil(cpus / 2);
  const perQuery = workload === "analytics" ? half : Math.min(4, half);
  return {
    autovacuum_max_workers: String(cpus >= 32 ? 5 : cpus >= 16 ? 4 : 3),
    max_parallel_maintenance_workers: String(Math.min(4, half)),
    max_parallel_workers: String(cpus),
    max_parallel_workers_per_gather: String(cpus < 4 ? 0 : perQuery),
    max_worker_processes: String(8 + cpus),
  };
}

/** Three layers, defaults < the user's < forced; what depends on the others is computed from the result of the user's layer. */
function layers(input: ParameterInput): Parameters {
  const overrides = {
    ...renderOverrides(input.overrides, input.version),
    max_connections: String(input.maxConnections),
  };
  const independent = {
    ...fixedDefaults(input),
    ...wal(input),
    ...workers(input),
    ...memoryShares(input),
    ...overrides,
  };
  return {
    ...independent,
    ...queryMemory(independent, input),
    ...overrides,
    archive_timeout: `${input.archiveTimeoutSeconds}s`,
    ...Object.fromEntries(Object.entries(forced).map(([name, { value }]) => [name, value])),
    ...input.extensionParameters,
  };
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / MB)} MB`;

/**
 * Where the memory does not cover the worst case: too many connections for it, or an override that takes too much.
 * @returns at most one problem, at `postgres.memory`
 */
export function memoryProblems(input: ParameterInput): Problem[] {
  const parameters = layers(input);
  const { memoryBytes: memory, maxConnections, pooledConnections } = input;
  const worst = worstCaseMemory(parameters, input);
  const workMem = memoryBytes(parameters.work_mem ?? "") ?? 0;
  if (worst <= memory && workMem >= minWorkMem) return [];
  const need = worst > memory ? `${megabytes(worst)} at worst` : `a work_mem below ${minWorkMem / 1024} kB`;
  const text = `found ${megabytes(memory)}, but ${maxConnections} connections (${pooledConnections} of them pooled) with these parameters need ${need}; allowed: more memory, smaller pools, or smaller overrides of memory parameters`;
  return [{ path: ["postgres", "memory"], message: text }];
}

/**
 * The most prepared statements per connection, up to a figure, that leave enough memory for everything else; at least one. They give
 * way: with fewer, a program has some prepared again, while a config without memory for its connections is refused.
 */
export function preparedThatFit(input: ParameterInput, wanted: number): number {
  let count = wanted;
  while (count > 1 && memoryProblems({ ...input, preparedStatements: count }).length > 0) count = Math.floor(count / 2);
  return count;
}

/**
 * Parameters of one server, sorted by name, in PostgreSQL's notation. Those that belong to the platform (addresses,
 * files, archive_command) are not among them.
 * @throws RangeError if an override is not allowed or the memory would be over-committed
 */
export function serverParameters(input: ParameterInput): Record<string, string> {
  const [problem] = memoryProblems(input);
  if (problem !== undefined) throw new RangeError(problem.message);
  return Object.fromEntries(Object.entries(layers(input)).sort(([left], [right]) => (left < right ? -1 : 1)));
}
