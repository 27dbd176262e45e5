import { join } from "node:path";
import { pipeline } from "node:stream";
import type { Client } from "pg";
import type { LogicalJob } from "./job";
import { Failure, messageOf } from "../../tools/failure";
import type { Context } from "../context";
import { type DatabaseServer, inSession, isRemote } from "../sql";
import { decryptWith, type Identities, readIdentities, recipientOf } from "./age";
import { type Confinement, confinedFlags, confinedLogin, listConfined, makeExtensions } from "./confined";
import { readManifest } from "./list";
import type { Manifest } from "./manifest";
import { Meter } from "./meter";
import { dataName, manifestName, parseName } from "./names";
import { feed, withDatabase } from "./programs";
import { type Store, storeOf } from "./store";
import { alone, checkFree, checkMayCreate, dropScratch, makeScratch, publish, scratchDatabase } from "./target";
import { checkBytes } from "./verify";

/** What to restore, and where to. */
export interface LogicalRestore {
  /** Name of the backup. */
  readonly name: string;
  /** A database that does not exist yet. */
  readonly into: string;
  /** The primary. */
  readonly server: DatabaseServer;
  /** Default: the job's. */
  readonly identityFile?: string;
  /** As a login that is no superuser, without owners and grants. Default: as the server's login, with both. */
  readonly confined?: Confinement;
}

interface Run {
  readonly job: LogicalJob;
  readonly request: LogicalRestore;
  readonly context: Context;
  readonly store: Store;
  readonly manifest: Manifest;
  readonly identities: Identities;
}

async function manifestOf(store: Store, name: string): Promise<Manifest> {
  if (parseName(name) === undefined) throw new Failure(`${name} is no name of a logical backup`);
  const objects = new Set((await store.list()).map((object) => object.name));
  if (!objects.has(manifestName(name))) {
    const unfinished = objects.has(dataName(name));
    throw new Failure(
      unfinished
        ? `${name} has no manifest: it was never finished, or is being removed`
        : `${store.describe()} holds no backup ${name}`,
    );
  }
  return readManifest(store, name).catch((error: unknown) => {
    throw new Failure(`${name} is damaged: its manifest cannot be read: ${messageOf(error)}`);
  });
}

async function identitiesFor(manifest: Manifest, file: string | undefined): Promise<Identities> {
  if (file === undefined) throw new Failure(`${manifest.name} needs an identity file: its key is not on this machine`);
  const identities = await readIdentities(file);
  const own = await Promise.all(identities.map(recipientOf));
  if (!own.includes(manifest.recipient))
    throw new Failure(
      `wrong key: ${manifest.name} is encrypted to ${manifest.recipient}, ${file} opens ${own.join(", ")}`,
    );
  return identities;
}

/** The archive, decrypted. */
const archiveOf = async ({ store, manifest, identities }: Run, meter: Meter): Promise<AsyncIterable<Uint8Array>> =>
  pipeline(
    await store.read(dataName(manifest.name)),
    meter,
    decryptWith(identities, manifest.name),
    () => undefined,
  ) as unknown as AsyncIterable<Uint8Array>;

/** Whose sessions the content is read and run in. */
const workerOf = ({ server, confined }: LogicalRestore): DatabaseServer => confined?.server ?? server;

/** What a confined restore has the superuser do first; returns the words that tell `pg_restore` of it. */
async function confine(run: Run, { folder }: Confinement): Promise<string[]> {
  const { job, request, manifest, context } = run;
  const { extensions = [] } = manifest;
  await inSession(request.server, (client) => makeExtensions(client, extensions), scratchDatabase);
  const archive = await archiveOf(run, new Meter(() => undefined));
  const list = await listConfined({ archive, extensions, folder }, { bin: job.postgresBin, signal: context.signal });
  return [...confinedFlags, `--use-list=${list}`];
}

/** The archive into the scratch database, in one transaction. */
async function fill(run: Run): Promise<void> {
  const { job, request, context, manifest } = run;
  const meter = new Meter((text) => {
    context.progress(`restoring ${manifest.name}: ${text}`);
  });
  const command = [
    join(job.postgresBin, "pg_restore"),
    "--single-transaction",
    "--exit-on-error",
    "--no-password",
    ...(request.confined === undefined ? [] : await confine(run, request.confined)),
    `--dbname=${scratchDatabase}`,
  ];
  await withDatabase(workerOf(request), scratchDatabase, async (environment) => {
    await feed({ command, environment, signal: context.signal }, await archiveOf(run, meter));
  });
  if (meter.measure().sha256 !== manifest.sha256)
    throw new Failure(`${manifest.name} has changed since it was checked`);
}

async function restoreAlone(run: Run, client: Client): Promise<void> {
  const { request, context, manifest } = run;
  await checkFree(client, request.into);
  const owner = request.confined === undefined ? {} : { owner: confinedLogin };
  const superuser = request.confined === undefined && !isRemote(request.server);
  await makeScratch(client, manifest.creation, { superuser, ...owner });
  try {
    await fill(run);
    context.progress(`restoring ${manifest.name}: statistics`);
    // An archive has none, and without them the first queries are planned at random.
    await inSession(workerOf(request), (inside) => inside.query("ANALYZE"), scratchDatabase);
    context.signal.throwIfAborted();
    await publish(client, owner.owner ?? manifest.creation.owner, request.into);
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    // Where the server is gone, too, the next restore drops it.
    await dropScratch(client).catch(() => undefined);
    throw error;
  }
}

/**
 * Restores a backup into a new database, which appears under its name only when it is whole. Roles that the backup names must exist.
 * @throws Failure, ProgramError, or the reason of the signal; no database was changed then
 */
export async function restoreLogically(job: LogicalJob, request: LogicalRestore, context: Context): Promise<Manifest> {
  const store = storeOf(job.logical.destination);
  const manifest = await manifestOf(store, request.name);
  const identities = await identitiesFor(manifest, request.identityFile ?? job.logical.identityFile);
  await inSession(request.server, async (client) => {
    await checkMayCreate(client);
    await checkFree(client, request.into);
  });
  const expected = { bytes: manifest.size, sha256: manifest.sha256 };
  await checkBytes({ store, object: dataName(request.name), expected }, context);
  const run = { job, request, context, store, manifest, identities };
  await alone(request.server, (client) => restoreAlone(run, client));
  return manifest;
}
