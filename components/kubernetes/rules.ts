import type { BackupSettings } from "../backup/schema";
import { connectionBudget } from "../capacity/connections";
import type { Databases } from "../postgres/schema";
import type { Problem } from "../../lib/values";
import type { KubernetesSettings } from "./schema";
import { mostPods, mostPodsOf } from "./pooler/shares";

/** The sections that the rules are about. */
export interface PoolerSections {
  readonly databases: Databases;
  readonly kubernetes: Pick<KubernetesSettings, "poolers">;
}

/**
 * If the connection budget cannot be shared out among the poolers, or their numbers do not fit each other.
 * @param sections parts of the config, each right in itself
 */
export function poolerShareProblems({ databases, kubernetes: { poolers } }: PoolerSections): Problem[] {
  const path = ["kubernetes", "poolers", "max"];
  if (poolers.max < poolers.min)
    return [{ path, message: `found ${poolers.max}; allowed: howdah:kubernetes.poolers.min (${poolers.min}) or more` }];
  const { pools, logins } = connectionBudget(databases);
  const tooSmall = pools.filter((pool) => pool.route === "readWrite" && mostPods(pool) < poolers.max);
  const held = logins.filter((login) => mostPodsOf(login) < poolers.max);
  const ofPools = tooSmall.map((pool) => ({
    path,
    message: `found ${poolers.max}, but the pools of database "${pool.database}" (${pool.limit} connections, ${pool.size} + ${pool.overflow} for a login) cannot be divided among that many; allowed: at most ${mostPods(pool)}, or raise pool or overflow of its applications`,
  }));
  const ofLogins = held.map((login) => ({
    path,
    message: `found ${poolers.max}, but login "${login.login}" has ${mostPodsOf(login)} connections for its sessions, and each pooler needs one of them; allowed: at most ${mostPodsOf(login)}, or raise its pool or overflow`,
  }));
  return [...ofPools, ...ofLogins];
}

/** Weights of read targets that are not there. @param targets how many there are */
export const readWeightProblems = ({ poolers }: Pick<KubernetesSettings, "poolers">, targets: number): Problem[] =>
  poolers.readWeights.length <= targets
    ? []
    : [
        {
          path: ["kubernetes", "poolers", "readWeights"],
          message: `found ${poolers.readWeights.length}; allowed: at most ${targets}, the number of servers to read from`,
        },
      ];

/** `pg_dump` reads servers of its own version and older ones. */
export const imageProblems = (
  version: number,
  { imagePostgres }: Pick<KubernetesSettings, "imagePostgres">,
): Problem[] =>
  imagePostgres >= version
    ? []
    : [
        {
          path: ["kubernetes", "imagePostgres"],
          message: `found ${imagePostgres} with howdah:postgres.version ${version}; allowed: ${version} or newer, because pg_dump cannot read a server newer than itself. Build the image with POSTGRES=${version}`,
        },
      ];

/** A destination of the config's own: the jobs may only reach the store that the stack makes. */
export const dumpDestinationProblems = (backup: Pick<BackupSettings, "logical">): Problem[] =>
  backup.logical.destination === undefined
    ? []
    : [
        {
          path: ["backup", "logical", "destination"],
          message:
            "found a destination; allowed only with platform local: dumps of a cloud's database go to its own store",
        },
      ];
