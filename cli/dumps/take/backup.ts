import { pipeline, Readable } from "node:stream";
import type { LogicalJob } from "../job";
import type { TierName } from "../../../contracts/tiers";
import { backupGroup } from "../../../components/postgres/access/matrix";
import { version as howdah } from "../../../package.json";
import { Failure, messageOf } from "../../../lib/errors";
import type { Context } from "../../kit/answer";
import { ProgramError } from "../../../lib/process/task";
import type { DatabaseServer } from "../../session/sql";
import { encryptTo } from "../age";
import { asDumper, dump, dumpVersion, excludedSchemas, howdahSchemas } from "./dump";
import { type Keys, keysOf } from "../keys";
import { listBackups } from "../store/list";
import { formatManifest, type Manifest } from "../store/manifest";
import { type Measure, Meter } from "../meter";
import { dataName, formatName, type LogicalKind, manifestName } from "../store/names";
import { prune } from "../store/prune";
import { contentsOf } from "./contents";
import { currentLsn, type Source, sourceOf } from "./source";
import { withDatabase } from "../programs";
import { storeOf } from "../store/store";
import type { Store } from "../store/types";
import { describeUnreadable } from "./unreadable";
import { checkArchive, checkBytes } from "../restore/verify";

/** What to back up. */
export interface LogicalRequest {
  readonly database: string;
  readonly kind: LogicalKind;
  readonly tier: TierName;
  /** The primary. */
  readonly server: DatabaseServer;
}

/** What one run of `backUpLogically` works with. */
interface Run {
  readonly job: LogicalJob;
  readonly request: LogicalRequest;
  readonly context: Context;
  readonly store: Store;
  readonly keys: Keys;
  readonly source: Source;
  readonly name: string;
  readonly startedAt: Date;
}

/** A name that is not taken yet: names say seconds, and two runs may begin in the same. */
async function freeName(store: Store, { database, kind }: LogicalRequest, startedAt: Date): Promise<string> {
  const taken = new Set((await store.list()).map((object) => object.name));
  for (let later = 0; ; later += 1000) {
    const name = formatName({ database, kind, startedAt: new Date(startedAt.getTime() + later) });
    if (!taken.has(dataName(name)) && !taken.has(manifestName(name))) return name;
  }
}

async function prepare(job: LogicalJob, request: LogicalRequest, context: Context): Promise<Run> {
  const store = storeOf(job.logical.destination);
  const keys = await keysOf(job);
  const source = await sourceOf(request.server, request.database);
  const startedAt = new Date();
  const name = await freeName(store, request, startedAt);
  return { job, request, context, store, keys, source, name, startedAt };
}

/** The failure of a dump, with whose objects it could not read. */
async function explained({ server, database }: LogicalRequest, error: ProgramError): Promise<Error> {
  const unread = await describeUnreadable(asDumper(server), database, howdahSchemas).catch(() => "");
  if (unread === "") return error;
  return new Failure(
    `${error.message}\nThe login of the dumps may not read: ${unread}. Its owner can grant SELECT to ${backupGroup}, or drop it`,
  );
}

/** Dump, encryption and store at once: nothing is on this machine's disk, and in memory only what is under way. */
async function write({ job, request, context, store, keys, source, name }: Run): Promise<Measure> {
  const meter = new Meter((text) => {
    context.progress(`${request.database}: ${text}`);
  });
  const { signal } = context;
  try {
    await withDatabase(asDumper(request.server), request.database, (environment) => {
      const { creation, contents } = source;
      const excluded = excludedSchemas(contents.extensions);
      const archive = dump(job, request.kind, { encoding: creation.encoding, environment, signal, excluded });
      const data = pipeline(archive, encryptTo(keys.recipient), meter, () => undefined);
      return store.write(dataName(name), { data, expectedBytes: request.kind === "dump" ? source.bytes : 0 });
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProgramError) throw await explained(request, error);
    if (error instanceof Failure) throw error;
    throw new Failure(`${name} cannot be written to ${store.describe()}: ${messageOf(error)}`);
  }
  return meter.measure();
}

/** Reads back, as deep as the keys of this machine allow. */
async function verify({ job, context, store, keys, name }: Run, expected: Measure): Promise<void> {
  const checked = { store, object: dataName(name), expected };
  const { identities } = keys;
  if (identities === undefined) await checkBytes(checked, context);
  else await checkArchive(job, { ...checked, identities }, context);
  context.signal.throwIfAborted();
}

async function manifestOf(run: Run, { bytes, sha256 }: Measure): Promise<Manifest> {
  const { job, request, keys, source, name, startedAt } = run;
  const endedAt = new Date();
  const endLsn = await currentLsn(request.server);
  const { tables } = await contentsOf(request.server, request.database);
  return {
    format: "howdah-logical-1",
    name,
    stack: job.stack,
    database: request.database,
    kind: request.kind,
    tier: request.tier,
    serverVersion: source.serverVersion,
    ...(source.lsn === undefined || endLsn === undefined ? {} : { startLsn: source.lsn, endLsn }),
    startedAt: startedAt.toISOString(),
    endedAt: endedAt.toISOString(),
    durationSeconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
    size: bytes,
    sha256,
    recipient: keys.recipient,
    creation: source.creation,
    databaseBytes: source.bytes,
    ...(tables === source.contents.tables ? { tables } : {}),
    roles: [...source.contents.roles],
    extensions: [...source.contents.extensions],
    defaultPrivileges: [...source.contents.defaultPrivileges],
    tools: { pg_dump: await dumpVersion(job), howdah },
  };
}

async function complete(run: Run): Promise<Manifest> {
  const measure = await write(run);
  try {
    const manifest = await manifestOf(run, measure);
    await verify(run, measure);
    await run.store.write(manifestName(run.name), { data: Readable.from([Buffer.from(formatManifest(manifest))]) });
    return manifest;
  } catch (error) {
    // Best effort: without a manifest it is no backup, and a later run removes it.
    await run.store.remove(dataName(run.name)).catch(() => undefined);
    throw error;
  }
}

/** Only what the store itself lists is a backup on which older ones may be given up. */
async function retain({ job, request, context, store, name }: Run): Promise<void> {
  const listing = await listBackups(store);
  const newest = listing.backups.find((manifest) => manifest.name === name);
  if (newest === undefined) throw new Failure(`${store.describe()} does not list ${name}, which was written to it`);
  const { keptSeconds } = job.tiers[request.tier];
  const removed = await prune({ store, listing, newest, keptSeconds }).catch((error: unknown) => {
    context.note(`old backups of ${request.database} could not be removed: ${messageOf(error)}`);
    return [];
  });
  for (const one of removed) context.note(`removed ${one}`);
}

/**
 * Dumps a database into the job's store, encrypted, and reads it back; then applies the tier's retention.
 * A failed, interrupted or killed run leaves no backup, and all older ones.
 * @throws Failure, ProgramError, or the reason of the signal
 */
export async function backUpLogically(job: LogicalJob, request: LogicalRequest, context: Context): Promise<Manifest> {
  const run = await prepare(job, request, context);
  const { hidden } = run.source.contents;
  if (hidden.length > 0)
    context.note(
      `${request.database}: the dump does not contain ${hidden.join(" and ")}: only a superuser can read them`,
    );
  const manifest = await complete(run);
  await retain(run);
  return manifest;
}
