import { type Rule, toSeconds } from "../../lib/values";
import type { Objectives, PostgresSettings } from "./schema";
import { clamp, MB } from "../../lib/units";

/** Settings of Patroni and PostgreSQL that meet the objectives. All times in whole seconds. */
export interface FailoverPlan {
  /** Life of the leader key; a node that is silent for longer has lost the leadership. */
  readonly ttl: number;
  /** Pause between two rounds of Patroni. */
  readonly loopWait: number;
  /** How long calls to etcd and PostgreSQL are retried before the leader demotes itself. */
  readonly retryTimeout: number;
  /** How long a crashed primary may take to start again before a replica takes over; 0 is at once. */
  readonly primaryStartTimeout: number;
  /** How long a postmaster may leave new connections unanswered, without running at all, before it counts as crashed. */
  readonly hungPostmaster: number;
  /** Bytes of WAL that a replica may lack and still be promoted. */
  readonly maximumLagOnFailover: number;
  /** Bytes of WAL that a replica may lack and still serve reads. */
  readonly maximumReadLag: number;
  /** True if a commit is acknowledged only once a replica has it. */
  readonly synchronous: boolean;
  /** Replicas that have to have a commit; 0 under async. */
  readonly synchronousNodeCount: number;
  /** `archive_timeout`: the longest time that written WAL stays out of the archive. */
  readonly archiveTimeout: number;
}

/** What the rules need of the settings. */
export interface ObjectiveSettings {
  readonly objectives: Objectives;
  readonly postgres: Pick<PostgresSettings, "replicas">;
}

/** Patroni, docs/dynamic_configuration.rst: ttl >= 20, loop_wait >= 1, retry_timeout >= 3, loop_wait + 2 * retry_timeout <= ttl. */
const limits = {
  ttl: { min: 20, max: 120 },
  loopWait: { min: 1, max: 10 },
  retryTimeout: { min: 3, max: 30 },
} as const;
/** Three probes of 3 s and a pause at least; a minute without new connections is never worth waiting for. */
const hungPostmaster = { min: 11, max: 60 } as const;
/** Promotion of a replica, and HAProxy's notice of it. */
const promoteSeconds = 2;
const routingSeconds = 1;
/** Without a replica the way back is a restart with crash recovery. */
const restartSeconds = 300;
/** Below this, a segment of 16 MB per switch costs more than the archive gains. */
const minArchiveSeconds = 30;
const maxArchiveSeconds = 300;
/** With RPO 0 the replicas hold every commit; the archive covers only the loss of all nodes at once. */
const synchronousArchiveSeconds = 60;

/** Whole seconds of the range. */
const seconds = (value: number, range: { min: number; max: number }): number => clamp(Math.floor(value), range);

/** Seconds without writes, at worst, after the whole primary node is lost (Pigsty, "Failure model": ttl + loop + promote + routing). */
export const worstNodeLoss = (plan: Pick<FailoverPlan, "ttl" | "loopWait">): number =>
  plan.ttl + plan.loopWait + promoteSeconds + routingSeconds;

/** The smallest RTO, in seconds, that Patroni's limits allow. */
export const smallestRto = worstNodeLoss({ ttl: limits.ttl.min, loopWait: limits.loopWait.min });

/** Under async: 1 MiB per second of RPO, a write rate that is low on purpose: a replica further behind would lose more. */
const allowedLag = (rpoSeconds: number): number => seconds(rpoSeconds, { min: 1, max: 1024 }) * MB;

/**
 * Under synchronous commit only a replica that has every commit may take over, and its lag says nothing of a loss; but a switch
 * to the next segment of 16 MiB puts it that far behind for a moment, in which it has to stay a candidate.
 */
const segmentSwitch = 32 * MB;

/**
 * Timers for the objectives. A fifth of the RTO stays free if the limits leave room; a more generous RTO buys longer
 * timers, so fewer false failovers. Meets the RTO wherever `objectiveRules` hold.
 * @param objectives RTO and RPO
 * @param replicas streaming replicas in addition to the primary
 */
export function failoverPlan(objectives: Objectives, replicas: number): FailoverPlan {
  const rto = toSeconds(objectives.rto);
  const rpo = toSeconds(objectives.rpo);
  const synchronous = rpo === 0 && replicas > 0;
  const loopWait = seconds(rto / 15, limits.loopWait);
  const ttl = seconds(rto * 0.8 - loopWait - promoteSeconds - routingSeconds, limits.ttl);
  return {
    ttl,
    loopWait,
    retryTimeout: seconds((ttl - loopWait - 1) / 2, limits.retryTimeout),
    // The rest of the RTO is for the failover, which takes a few seconds after a crash.
    hungPostmaster: seconds(rto * 0.4, hungPostmaster),
    primaryStartTimeout: replicas > 0 ? 0 : restartSeconds,
    maximumLagOnFailover: synchronous ? segmentSwitch : allowedLag(rpo),
    maximumReadLag: allowedLag(rpo),
    synchronous,
    synchronousNodeCount: synchronous ? 1 : 0,
    archiveTimeout:
      rpo === 0 ? synchronousArchiveSeconds : seconds(rpo, { min: minArchiveSeconds, max: maxArchiveSeconds }),
  };
}

/** Objectives that a Patroni cluster of this size cannot meet. */
export const objectiveRules: readonly Rule<ObjectiveSettings>[] = [
  {
    path: () => ["objectives", "rto"],
    holds: ({ objectives, postgres }) => postgres.replicas === 0 || toSeconds(objectives.rto) >= smallestRto,
    message: ({ objectives }) =>
      `found "${objectives.rto}"; allowed: at least "${smallestRto} seconds", for the loss of a node with Patroni's shortest timers (ttl ${limits.ttl.min} s, loop_wait ${limits.loopWait.min} s, promotion ${promoteSeconds} s, routing ${routingSeconds} s)`,
  },
  {
    path: () => ["objectives", "rto"],
    holds: ({ objectives, postgres }) => postgres.replicas > 0 || toSeconds(objectives.rto) >= restartSeconds,
    message: ({ objectives }) =>
      `found "${objectives.rto}" with no replica; allowed: at least "5 minutes", because only a restart can restore writes; or add a replica (howdah:postgres.replicas)`,
  },
  {
    path: () => ["objectives", "rpo"],
    holds: ({ objectives, postgres }) => postgres.replicas > 0 || toSeconds(objectives.rpo) > 0,
    message: ({ objectives }) =>
      `found "${objectives.rpo}" with no replica, so there is no second copy of a commit; add a replica (howdah:postgres.replicas) or set an rpo of at least "${minArchiveSeconds} seconds"`,
  },
  {
    path: () => ["objectives", "rpo"],
    holds: ({ objectives }) => {
      const rpo = toSeconds(objectives.rpo);
      return rpo === 0 || rpo >= minArchiveSeconds;
    },
    message: ({ objectives }) =>
      `found "${objectives.rpo}"; allowed: "0 seconds" (synchronous commit) or at least "${minArchiveSeconds} seconds": without synchronous commit the archive limits the loss, and WAL is not archived more often than that`,
  },
];
