import type { Manifest } from "./manifest";
import type { Listing } from "./list";
import { dataName, manifestName } from "./names";
import { expiredBackups, leftovers } from "./retention";
import type { Store } from "./types";

/** After which backup of a store, and how long its like is kept. */
export interface Pruning {
  readonly store: Store;
  readonly listing: Listing;
  readonly newest: Manifest;
  readonly keptSeconds: number;
}

/** Removes a backup. Killed half-way, it leaves data without a manifest: no backup, and a leftover for the next run. */
async function removeBackup(store: Store, name: string): Promise<void> {
  await store.remove(manifestName(name));
  await store.remove(dataName(name));
}

/** Removes what expired in the series of the newest backup, and what killed runs have left. Returns the names. */
export async function prune({ store, listing, newest, keptSeconds }: Pruning): Promise<string[]> {
  const now = new Date();
  const expired = expiredBackups(listing.backups, newest, { now, keptSeconds }).map(({ name }) => name);
  for (const name of expired) await removeBackup(store, name);
  const left = leftovers(listing.objects, now);
  for (const object of left) await store.remove(object);
  return [...expired, ...left, ...(await store.removeUnfinished(now))];
}
