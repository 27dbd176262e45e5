import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../components/backup/job";
import type { Context } from "./context";
import { Refusal } from "./refusal";
import { type ClusterServer, primaryOf } from "./sql";

/** Longer than any failover: only then is nobody the primary. */
const patienceSeconds = 60;

/** The primary, waited for: while the cluster fails over there is none. Undefined where nobody has become it within a minute. */
export async function awaitPrimary(job: Job, { progress, signal }: Context): Promise<ClusterServer | undefined> {
  const end = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const found = await primaryOf(job);
    if (found !== undefined || Date.now() > end) return found;
    progress("waiting for a primary");
    await sleep(500, undefined, { signal });
  }
}

/** The same. @throws Refusal where there is none */
export async function needPrimary(job: Job, context: Context): Promise<ClusterServer> {
  const found = await awaitPrimary(job, context);
  if (found === undefined)
    throw new Refusal("no server of the cluster is the primary: nothing to back up; see `make status`");
  return found;
}
