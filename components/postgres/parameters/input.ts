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
  /** `archive_timeout`, from the objectives; seconds. */
  readonly archiveTimeoutSeconds: number;
  /** The user's, free of problems (`parameterProblems`). */
  readonly overrides: PostgresSettings["parameters"];
}
