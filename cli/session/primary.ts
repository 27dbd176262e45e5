import { Refusal } from "../../lib/errors";
import type { LocalStackFile } from "../../contracts/stack-file";
import { waitFor } from "../../lib/retry";
import type { Context } from "../kit/answer";
import { type ClusterServer, primaryOf } from "./sql";

/** Milliseconds. Longer than any failover: only then is there no primary. */
const timeout = 60_000;

/** The primary, waited for: while the cluster fails over there is none. Undefined if there is none within a minute. */
export function awaitPrimary(job: LocalStackFile, { progress, signal }: Context): Promise<ClusterServer | undefined> {
  const probe = async (): Promise<ClusterServer | undefined> => {
    const found = await primaryOf(job);
    if (found === undefined) progress("waiting for a primary");
    return found;
  };
  return waitFor(probe, { timeout: timeout, signal, interval: 500 });
}

/** The same. @throws Refusal if there is none */
export async function needPrimary(job: LocalStackFile, context: Context): Promise<ClusterServer> {
  const found = await awaitPrimary(job, context);
  if (found === undefined)
    throw new Refusal("no server of the cluster is the primary: nothing to back up; see `make status`");
  return found;
}
