import { clamp, GB, kB, MB, memoryBytes, renderMemory, TB } from "../../../lib/units";
import { statementBytes } from "../../capacity/prepared-statements";
import type { PostgresSettings } from "../schema";

/** What the parameters of one server are computed from. */
export interface ParameterInput {
  /** Major version, 14 to 18. */
  readonly version: number;
  /** Memory that the server may use, in bytes. */
  readonly memoryBytes: number;
  /** Cores that the server may use. */
  readonly cpus: number;
  readonly storage: PostgresSettings["storage"];
  readonly workload: PostgresSettings["workload"];
  /** Size of the data disk, in bytes, where the program decides it. Default: unknown. */
  readonly diskBytes?: number;
  /** `max_connections`, from the connection budget. */
  readonly maxConnections: number;
  /** Those of them that PgBouncer may hold: the ones that run the applications' queries at the same time. */
  readonly pooledConnections: number;
  /** Prepared statements that PgBouncer keeps in each of these. Default: none. */
  readonly preparedStatements?: number;
  /** `archive_timeout`, from the objectives; seconds. */
  readonly archiveTimeoutSeconds: number;
  /** Those that follow from the databases' extensions (`extensionParameters`). Default: none. */
  readonly extensionParameters?: Readonly<Record<string, string>>;
  /** The user's, free of problems (`parameterProblems`). */
  readonly overrides: PostgresSettings["parameters"];
}

/** The connections that a server's memory is shared out to. */
export type Connections = Pick<ParameterInput, "maxConnections" | "pooledConnections" | "preparedStatements">;

type Parameters = Readonly<Record<string, string>>;

/** Private memory of a backend that runs nothing: below 2 MiB (A. Freund, "Measuring the memory overhead of a PostgreSQL connection", 2020). */
const backendBytes = 2 * MB;
/** Sorts and hashes that one query may hold at once; pgtune divides by 3 and leaves hash_mem_multiplier out. */
export const nodesPerQuery = 2;
/** PostgreSQL's own minimum of `temp_buffers`: 100 pages. */
const minTempBuffers = 800 * kB;
/** Below this, every sort spills to disk: the memory is too small for so many connections. */
export const minWorkMem = 256 * kB;

const bytes = (parameters: Parameters, name: string): number => memoryBytes(parameters[name] ?? "") ?? 0;
const number = (parameters: Parameters, name: string): number => Number(parameters[name] ?? 0);
const wholeMB = (value: number): number => Math.floor(value / MB) * MB;
const wholePages = (value: number): number => Math.floor(value / (8 * kB)) * 8 * kB;

/** Postmaster, checkpointer, WAL writer and senders, statistics, and the tables that grow with shared_buffers. */
const serverBytes = (parameters: Parameters): number => Math.max(24 * MB, bytes(parameters, "shared_buffers") * 0.16);

/** Lock table: (1800 + 270 * max_locks_per_transaction) * max_connections (PostgreSQL 9.2 docs, table 17-2). */
const lockBytes = (parameters: Parameters, connections: number): number =>
  (1800 + 270 * number(parameters, "max_locks_per_transaction")) *
  (connections + number(parameters, "max_prepared_transactions"));

/** Connections that run the applications' queries. */
const busyOf = ({ maxConnections, pooledConnections }: Connections): number =>
  Math.min(pooledConnections, maxConnections);

/** Memory that does not depend on `work_mem`: shared, maintenance, and the backends themselves. */
function fixedBytes(parameters: Parameters, sessions: Connections): number {
  const { maxConnections: connections, preparedStatements = 0 } = sessions;
  return (
    serverBytes(parameters) +
    bytes(parameters, "shared_buffers") +
    bytes(parameters, "wal_buffers") +
    bytes(parameters, "maintenance_work_mem") +
    number(parameters, "autovacuum_max_workers") * bytes(parameters, "autovacuum_work_mem") +
    lockBytes(parameters, connections) +
    (connections + number(parameters, "max_parallel_workers")) * backendBytes +
    busyOf(sessions) * preparedStatements * statementBytes
  );
}

/** Backends that run queries, in units of one pooled backend; the others (administration, monitoring) hold one node each. */
function queryUnits(parameters: Parameters, sessions: Connections): number {
  const busy = busyOf(sessions);
  return busy + number(parameters, "max_parallel_workers") + (sessions.maxConnections - busy) / nodesPerQuery;
}

/** `work_mem` of one running backend: each node a hash, in addition to the temporary buffers. */
function backendQueryBytes(parameters: Parameters): number {
  const hash = bytes(parameters, "work_mem") * Math.max(1, number(parameters, "hash_mem_multiplier"));
  return nodesPerQuery * hash + bytes(parameters, "temp_buffers");
}

/**
 * Bytes that the server uses when every connection runs at once, each pooled one with `nodesPerQuery` hash nodes, in addition to
 * all maintenance. Shared memory and `fork`ed workers included; the page cache not, as the kernel takes it back.
 * @param parameters the set of `serverParameters`
 */
export const worstCaseMemory = (parameters: Parameters, sessions: Connections): number =>
  fixedBytes(parameters, sessions) + queryUnits(parameters, sessions) * backendQueryBytes(parameters);

/** Disk that the temporary files of one session may take, in units of the memory. */
const temporaryFiles: Readonly<Record<ParameterInput["workload"], number>> = { web: 4, oltp: 4, analytics: 16 };

/**
 * Without a limit, one sort of a login that may only read fills the disk. A tenth of the disk; if its size is not known, memory stands
 * for it. No more than four times the memory (16 for analytics): a session that sorts more would run for very long anyway. At least
 * 4 GB by memory, so that a small server builds its indexes, at most 1 TB.
 */
function temporaryLimit({ memoryBytes: memory, workload, diskBytes = Infinity }: ParameterInput): string {
  const byMemory = clamp(wholeMB(memory * temporaryFiles[workload]), { min: 4 * GB, max: TB });
  return renderMemory(Math.min(byMemory, wholeMB(diskBytes / 10)));
}

/**
 * Parts of the memory that do not depend on the connections. shared_buffers 25 % (PostgreSQL docs, "20.4.1 Memory"),
 * maintenance 1/16, at most 2 GB (pgtune), wal_buffers 3 % of shared_buffers, at most 16 MB (pgtune).
 */
export function memoryShares(input: ParameterInput): Record<string, string> {
  const { memoryBytes: memory } = input;
  const shared = wholeMB(memory / 4);
  const maintenance = clamp(wholeMB(memory / 16), { min: MB, max: 2 * GB });
  return {
    // Stock PostgreSQL gives each autovacuum worker all of maintenance_work_mem, several times over.
    autovacuum_work_mem: renderMemory(clamp(wholeMB(maintenance / 4), { min: MB, max: GB })),
    effective_cache_size: renderMemory(wholeMB(memory) - shared),
    hash_mem_multiplier: "2",
    maintenance_work_mem: renderMemory(maintenance),
    shared_buffers: renderMemory(shared),
    temp_file_limit: temporaryLimit(input),
    wal_buffers: renderMemory(clamp(wholePages(shared * 0.03), { min: 64 * kB, max: 16 * MB })),
  };
}

/**
 * `work_mem` and `temp_buffers` from what the rest leaves: the memory is shared out by the connections that run at once, so
 * that `worstCaseMemory` stays within it. `work_mem` ends at 1 GB, `temp_buffers` at PostgreSQL's stock 8 MB.
 * @param parameters everything else, the user's overrides included
 */
export function queryMemory(parameters: Parameters, input: ParameterInput): Record<string, string> {
  const free = Math.max(0, input.memoryBytes - fixedBytes(parameters, input));
  const perBackend = free / queryUnits(parameters, input);
  const hashes = nodesPerQuery * Math.max(1, number(parameters, "hash_mem_multiplier"));
  const computed = wholePages(clamp(perBackend / (hashes + 1), { min: minTempBuffers, max: 8 * MB }));
  const temporary = memoryBytes(parameters.temp_buffers ?? "") ?? computed;
  const workMem = clamp((perBackend - temporary) / hashes, { min: 64 * kB, max: GB });
  return { temp_buffers: renderMemory(temporary), work_mem: renderMemory(wholePages(workMem)) };
}
