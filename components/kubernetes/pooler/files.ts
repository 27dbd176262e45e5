import { type Pool, probedPools } from "../../capacity/connections";
import { pgbouncerFiles, type PoolerFiles, routeLines } from "../../pgbouncer/files";
import { builtPooler } from "../../../contracts/pgbouncer-version";
import { type Route, routeSchema } from "../../../contracts/read-routes";
import type { Address, PlatformInput } from "../../ports";
import { poolerLogin } from "../../postgres/access/matrix";
import { toSeconds } from "../../../lib/values";
import { paths as podPaths, ports } from "../kit/image";
import type { KubernetesSettings } from "../schema";
import { loginShare, podShare } from "./shares";

/** Inputs of the files. */
export interface PoolerFilesInput {
  readonly input: Pick<PlatformInput, "budget" | "databases" | "limits" | "network" | "pooler" | "preparedStatements">;
  readonly settings: Pick<KubernetesSettings, "poolers">;
}

/** The servers, once their names are known. */
export interface PoolerServers {
  readonly primary: Address;
  /** Where reads may go. */
  readonly readTargets: readonly Address[];
}

/** Files of one pod. */
export interface PodFiles extends PoolerFiles {
  readonly route: Route;
}

/** Clients that one pod accepts: so many that the others carry all of them while one restarts. */
export const clientsPerPod = (total: number, pods: number): number => Math.ceil(total / Math.max(1, pods - 1));

/** What one pod may hold of the pools, and those that the availability probe enters. */
function podPools({ input: { budget }, settings }: PoolerFilesInput): { pools: Pool[]; probed: Pool[] } {
  const pools = budget.pools.map((pool) => podShare(pool, settings.poolers.max));
  return { pools, probed: budget.hasProbe ? probedPools(pools) : [] };
}

const routeOf = (args: PoolerFilesInput, servers: PoolerServers, paths: typeof podPaths): Route => {
  const { input, settings } = args;
  const { poolers } = settings;
  const { pools, probed } = podPools(args);
  return routeSchema.parse({
    lines: routeLines(pools, servers.primary.port, probed),
    targets: servers.readTargets.map(({ host, port }, at) => ({ host, port, weight: poolers.readWeights[at] ?? 1 })),
    primary: { host: servers.primary.host, port: servers.primary.port },
    maximumLagSeconds: toSeconds(poolers.readLag),
    ca: paths.authorities,
    login: {
      // Not the monitoring login: that may hold few connections, and every pod asks.
      user: poolerLogin,
      passwordFile: paths.poolerPassword,
      // The lag is the cluster's: any database that the login may enter will do.
      database: input.databases.toSorted()[0],
    },
    include: paths.routes,
    socketDirectory: paths.run,
    port: ports.pooler,
    intervalSeconds: 2,
    watch: [paths.ini, paths.hba, paths.userlist, paths.authorities, paths.certificate],
  });
};

/**
 * Files of a pod with PgBouncer: its share of the connection budget, and reads by the routes' file.
 *
 * @param servers names of the servers
 * @param paths where the pod finds the files
 */
export function poolerFiles(
  args: PoolerFilesInput,
  servers: PoolerServers,
  paths: typeof podPaths = podPaths,
): PodFiles {
  const { input, settings } = args;
  const { min, max } = settings.poolers;
  const files = pgbouncerFiles({
    listen: { host: "*", port: ports.pooler },
    readWrite: servers.primary,
    readOnly: servers.primary,
    routesFile: paths.routes,
    ...podPools(args),
    logins: input.budget.logins.map((login) => loginShare(login, max)),
    settings: { ...input.pooler, maxClientConnections: clientsPerPod(input.pooler.maxClientConnections, min) },
    limits: input.limits,
    preparedStatements: input.preparedStatements,
    version: `PgBouncer ${builtPooler.version}`,
    allow: input.network.allow,
    // The collector of the pod.
    statisticsFrom: ["127.0.0.1/32"],
    paths: {
      socketDirectory: paths.run,
      certificate: paths.certificate,
      key: paths.certificateKey,
      ca: paths.authorities,
      hba: paths.hba,
      userlist: paths.userlist,
    },
  });
  return { ...files, route: routeOf(args, servers, paths) };
}
