import { tierKinds } from "../../contracts/tiers";
import type { RemoteStackFile } from "../../contracts/stack-file";
import { type DumpRun, readDumpRuns } from "../records/backup-runs";
import { type LatestDrill, latestDrill } from "../drill/dumps/record";
import { listLogically } from "../dumps/store/list";
import type { Manifest } from "../dumps/store/manifest";
import { renderText, seconds, type SeriesOf, single } from "./series";
import { drillMetrics } from "./textfile";

/** What the store of a cloud's dumps tells. */
export interface StoreContent {
  /** Newest first. */
  readonly dumps: readonly Manifest[];
  readonly runs: readonly DumpRun[];
  readonly drill: LatestDrill | undefined;
}

const labelsOf = ({ database, tier }: Pick<Manifest, "database" | "tier">) => ({
  database,
  tier,
  kind: tierKinds[tier],
});

/** The newest dump of each database and tier. */
const newestOf = (dumps: readonly Manifest[]): Manifest[] =>
  dumps.filter(
    (one, at) => dumps.findIndex(({ database, tier }) => database === one.database && tier === one.tier) === at,
  );

function dumpMetrics({ dumps, runs }: StoreContent): SeriesOf<"backups"> {
  const newest = newestOf(dumps);
  const each = (value: (one: Manifest) => number) => newest.map((one) => [labelsOf(one), value(one)] as const);
  const eachRun = (value: (run: DumpRun) => number) => runs.map((run) => [labelsOf(run), value(run)] as const);
  const isLike = (one: Manifest) => (other: Manifest) => other.database === one.database && other.tier === one.tier;
  return {
    howdah_backup_last_success_timestamp_seconds: each(({ endedAt }) => seconds(endedAt)),
    howdah_backup_size_bytes: each(({ size }) => size),
    howdah_backup_duration_seconds: each(({ durationSeconds }) => durationSeconds),
    howdah_backups: each((one) => dumps.filter(isLike(one)).length),
    howdah_backup_run_success: eachRun(({ passed }) => Number(passed)),
    howdah_backup_run_timestamp_seconds: eachRun(({ at }) => seconds(at)),
  };
}

const storeUp = (up: boolean): SeriesOf<"backups"> => ({ howdah_backup_store_up: single(Number(up)) });

/** Text for Prometheus. @param content undefined if the store cannot be read: nothing is known of the dumps then */
export function renderDumpMetrics(
  content: StoreContent | undefined,
  objectives: RemoteStackFile["objectives"],
): string {
  if (content === undefined) return renderText([storeUp(false), drillMetrics({}, objectives)]);
  const { drill } = content;
  const figures = {
    lastSuccess: drill?.lastVerifiedAt === undefined ? undefined : seconds(drill.lastVerifiedAt),
    success: drill?.passed,
    rtoSeconds: drill?.measuredRtoSeconds,
    rpoSeconds: drill?.measuredRpoSeconds,
  };
  return renderText([storeUp(true), dumpMetrics(content), drillMetrics(figures, objectives)]);
}

/** Reads the store of a job. Rejects if it cannot be read. */
export async function readStore(job: RemoteStackFile): Promise<StoreContent> {
  const [{ backups }, runs, drill] = await Promise.all([listLogically(job), readDumpRuns(job), latestDrill(job)]);
  return { dumps: backups.filter(({ stack }) => stack === job.stack), runs, drill };
}
