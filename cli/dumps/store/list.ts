import type { LogicalJob } from "../job";
import { messageOf } from "../../../lib/errors";
import { formatBytes } from "../../../lib/text/format";
import { type Manifest, parseManifest } from "./manifest";
import { backupOf, dataName, manifestName, parseName } from "./names";
import { storeOf } from "./store";
import type { Store, Stored } from "./types";
import { MB } from "../../../lib/units";

/** What looks like a backup and is none. */
export interface Unusable {
  readonly name: string;
  readonly reason: string;
}

export interface Listing {
  /** Newest first. Each has a readable manifest, and data of the size that it says. */
  readonly backups: readonly Manifest[];
  readonly unusable: readonly Unusable[];
  /** All that the store holds. */
  readonly objects: readonly Stored[];
}

/** Bytes of the largest manifest: default privileges of thousands of roles. */
const largestManifest = 4 * MB;

/** All of a stream as text. @throws once it is longer than a manifest can be */
async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > largestManifest) throw new Error(`it is larger than ${formatBytes(largestManifest)}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The manifest of a backup. @throws if it cannot be read, or is another's */
export async function readManifest(store: Store, name: string): Promise<Manifest> {
  const manifest = parseManifest(await textOf(await store.read(manifestName(name))));
  if (manifest.name !== name) throw new Error(`its manifest is that of ${manifest.name}`);
  // A store is not a place to trust: what lists, prunes and drills goes by these.
  const told = parseName(name);
  if (told?.database !== manifest.database || told.kind !== manifest.kind)
    throw new Error(`its manifest describes a ${manifest.kind} of database ${JSON.stringify(manifest.database)}`);
  return manifest;
}

async function inspect(store: Store, name: string, objects: readonly Stored[]): Promise<Manifest | Unusable> {
  try {
    const manifest = await readManifest(store, name);
    const data = objects.find((object) => object.name === dataName(name));
    if (data === undefined) return { name, reason: "its data is missing" };
    if (data.bytes !== manifest.size) return { name, reason: `only ${data.bytes} of ${manifest.size} bytes are there` };
    return manifest;
  } catch (error) {
    return { name, reason: `its manifest cannot be read: ${messageOf(error)}` };
  }
}

/** Looks at every backup of a store. */
export async function listBackups(store: Store): Promise<Listing> {
  const objects = await store.list();
  const names = objects.map(({ name }) => backupOf(name)).filter((name) => name !== undefined);
  const withManifest = [...new Set(names)].filter((name) =>
    objects.some((object) => object.name === manifestName(name)),
  );
  const found = await Promise.all(withManifest.map((name) => inspect(store, name, objects)));
  const backups = found.filter((one): one is Manifest => "format" in one);
  return {
    backups: backups.toSorted((left, right) => right.startedAt.localeCompare(left.startedAt)),
    unusable: found.filter((one): one is Unusable => "reason" in one),
    objects,
  };
}

/** The logical backups of a job's store. */
export const listLogically = (job: LogicalJob): Promise<Listing> => listBackups(storeOf(job.logical.destination));
