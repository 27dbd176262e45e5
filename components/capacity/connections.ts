import { loginsOf } from "../postgres/access/logins/rotation";
import type { ApplicationSettings, DatabaseSettings, Databases, PostgresSection } from "../postgres/schema";
import type { Problem } from "../../lib/values";

/** The two ways to a database; each is a PgBouncer database of its own. */
export type Route = "readWrite" | "readOnly";

/** Name of a database in a client's URL, by route. */
export const aliasOf = (database: string, route: Route): string =>
  route === "readWrite" ? database : `${database}_ro`;

export type PoolMode = DatabaseSettings["poolMode"];

/** One PgBouncer database. All figures are server connections. */
export interface Pool {
  /** Name that clients connect to. */
  readonly alias: string;
  /** PostgreSQL database behind it. */
  readonly database: string;
  readonly route: Route;
  readonly mode: PoolMode;
  /** `pool_size`: for one user. */
  readonly size: number;
  /** `reserve_pool`: further ones for one user under load. */
  readonly overflow: number;
  /** `max_db_connections`: for all users together, the lookup of passwords included. */
  readonly limit: number;
}

/** Server connections of one user of a database on one route. */
export interface UserShare {
  readonly size: number;
  /** Further ones under load. */
  readonly overflow: number;
}

/** How PgBouncer treats one login. */
export interface PooledLogin {
  readonly login: string;
  readonly database: string;
  readonly mode: PoolMode;
  /** Absent: that of the pool. */
  readonly share?: UserShare;
}

/** How the server's connections are shared out. */
export interface ConnectionBudget {
  readonly pools: readonly Pool[];
  /** Logins of the applications, both of those that have been rotated. */
  readonly logins: readonly PooledLogin[];
  /** Σ limits: both routes count, because reads fall back to the primary when no replica is healthy. */
  readonly poolTotal: number;
  /** The most poolers that share it at a time. */
  readonly poolers: number;
  /** False if a `max_connections` of the user's has no room for the availability probe. */
  readonly hasProbe: boolean;
  /** Of the administrator: the limit of its login. */
  readonly administration: number;
  /** Connections that no pool may use, the administrator's among them. */
  readonly reserve: number;
  readonly maxConnections: number;
}

/** Connections kept free in addition to the pools, by who needs them. */
export const reserved = {
  /** PostgreSQL's default of `superuser_reserved_connections`. */
  superuser: 3,
  /** Patroni or the platform's own agent. */
  clusterManager: 2,
  /** Two of the collector, and one of the probe; its other one, on the read-only route, is at a replica if there is any. */
  monitoring: 3,
  backup: 2,
} as const;

/**
 * Connections of `Access` to one database at most, and to the one that it manages from; the provider's `maxConnections`. The
 * official plugin holds one connection and waits for a second while it makes a database.
 */
export const connectionsPerDatabase = 3;

/**
 * Connections of the administrator: all that a refresh may open at once, however many resources it reads at a time; one more while
 * an ended one is going, and one at a shell.
 */
const administrationOf = (databases: Databases): number =>
  connectionsPerDatabase * (Object.keys(databases).length + 1) + 2;

/** Connection of PgBouncer's `auth_user`, one for each alias: without it no client could log in while a pool is full. */
const lookupConnections = 1;

/** Server connections of the availability probe in each database of PgBouncer that it enters. */
export const probeConnections = 1;

/**
 * Server connections of the probe in all poolers, which it reaches in turn. Both routes count, as for the pools; those of a single
 * pooler are in `reserved.monitoring`.
 */
const probesOf = (poolers: number): number => (poolers === 1 ? 0 : 2 * probeConnections * poolers);

/** The database that the probe enters, by both routes: what may fail on the way is the same for all. */
export const probedDatabase = (databases: readonly string[]): string | undefined => [...databases].sort()[0];

/** The pools of that database. */
export function probedPools(pools: readonly Pool[]): Pool[] {
  const probed = probedDatabase(pools.map(({ database }) => database));
  return pools.filter(({ database }) => database === probed);
}

/** Largest share of `max_connections` that pools may hold (60 to 80 % is usual; beyond it, nothing absorbs a leak). */
const largestPoolShare = 0.8;

/** Below this, PostgreSQL saves nothing worth having. */
const smallestMaxConnections = 20;

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);

/** @param database that the application belongs to */
export const poolModeOf = (database: Pick<DatabaseSettings, "poolMode">, application: ApplicationSettings): PoolMode =>
  application.poolMode ?? database.poolMode;

/** The largest application sets the pools of all. */
const largestOf = (applications: readonly ApplicationSettings[]): UserShare => ({
  size: Math.max(1, ...applications.map(({ pool }) => pool)),
  overflow: Math.max(0, ...applications.map(({ overflow }) => overflow)),
});

/** Server connections that PgBouncer opens at most for one user of a database on one route. */
export const userShare = (database: DatabaseSettings): UserShare => largestOf(Object.values(database.applications));

/**
 * Pools of users that share them by the transaction. Session pools do not count, unless there are no others: they have their own
 * sizes, and a large one would let the other logins open as many.
 */
function sharedPools(database: DatabaseSettings): UserShare {
  const all = Object.values(database.applications);
  const sharing = all.filter((application) => poolModeOf(database, application) === "transaction");
  return largestOf(sharing.length === 0 ? all : sharing);
}

/**
 * A client in session mode keeps its server connection, so such a login gets what the sum counts for it, and no more: what it held
 * beyond that would be missing to the others for as long as its clients stay.
 */
const pooledLogins = (name: string, database: DatabaseSettings): PooledLogin[] =>
  Object.entries(database.applications).flatMap(([application, settings]) => {
    const mode = poolModeOf(database, settings);
    const share = { size: settings.pool, overflow: settings.overflow };
    const own = mode === "session" ? { share } : {};
    return loginsOf(application, settings.rotations).map(({ role }) => ({
      login: role,
      database: name,
      mode,
      ...own,
    }));
  });

const poolsOf = (name: string, database: DatabaseSettings): Pool[] =>
  (["readWrite", "readOnly"] as const).map((route) => ({
    alias: aliasOf(name, route),
    database: name,
    route,
    mode: database.poolMode,
    ...sharedPools(database),
    limit: sum(Object.values(database.applications).map(({ pool, overflow }) => pool + overflow)) + lookupConnections,
  }));

/**
 * Pools of every database, and the `max_connections` that carries them: the smallest figure in which pools take at most
 * 80 % and the reserve fits, too.
 *
 * @param overrideMaxConnections `max_connections` set by the user; checked by `budgetProblems`
 * @param poolers the most poolers that share it at a time
 */
export function connectionBudget(databases: Databases, overrideMaxConnections?: number, poolers = 1): ConnectionBudget {
  const ordered = Object.entries(databases).sort(([a], [b]) => (a < b ? -1 : 1));
  const pools = ordered.flatMap(([name, database]) => poolsOf(name, database));
  const logins = ordered.flatMap(([name, database]) => pooledLogins(name, database));
  const poolTotal = sum(pools.map(({ limit }) => limit));
  const administration = administrationOf(databases);
  const least = Math.max(smallestMaxConnections, Math.ceil(poolTotal / largestPoolShare));
  const unprobed = sum(Object.values(reserved)) + administration;
  const withProbe = unprobed + probesOf(poolers);
  const maxConnections = overrideMaxConnections ?? Math.max(least, poolTotal + withProbe);
  // What a user has set is not refused for the probe: that one gives way.
  const hasProbe = poolTotal + withProbe <= maxConnections;
  const reserve = hasProbe ? withProbe : unprobed;
  return { pools, logins, poolTotal, poolers, hasProbe, administration, reserve, maxConnections };
}

const terms = (budget: ConnectionBudget): string =>
  [
    ...budget.pools.map(({ alias, limit }) => `${alias} ${limit}`),
    `administration ${budget.administration}`,
    ...Object.entries(reserved).map(([who, figure]) => `${who} ${figure}`),
  ].join(" + ");

/**
 * Where a `max_connections` of the user's cannot carry the pools; empty when all is well.
 *
 * @param settings the parts of the configuration that take part in the budget
 * @param poolers the most poolers that share it at a time
 */
export function budgetProblems(
  settings: { databases: Databases; postgres: Pick<PostgresSection, "parameters"> },
  poolers = 1,
): Problem[] {
  const override = settings.postgres.parameters["max_connections"];
  if (override === undefined) return [];
  const path = ["postgres", "parameters", "max_connections"];
  const figure = Number(override);
  if (typeof override === "boolean" || !Number.isInteger(figure) || figure < 1) {
    return [{ path, message: `${String(override)} is not a number of connections` }];
  }
  const budget = connectionBudget(settings.databases, figure);
  const needed = connectionBudget(settings.databases).maxConnections;
  if (figure >= needed) return [];
  const total = budget.poolTotal + budget.reserve;
  const advised = connectionBudget(settings.databases, undefined, poolers).maxConnections;
  const why =
    total > figure
      ? `${terms(budget)} = ${total}, more than ${figure}`
      : `pools take ${budget.poolTotal} of ${figure}, more than ${largestPoolShare * 100} % (${terms(budget)} = ${total})`;
  return [
    { path, message: `${why}; set it to ${advised} or more, omit it, or lower pool or overflow of an application` },
  ];
}
