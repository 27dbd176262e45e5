import { join } from "node:path";
import { pipeline } from "node:stream";
import type { Client } from "pg";
import type { LogicalJob } from "../job";
import { Failure, messageOf } from "../../../lib/errors";
import type { Context } from "../../kit/answer";
import { ProgramError } from "../../../lib/process/task";
import { type DatabaseServer, inSession, isRemote } from "../../session/sql";
import { decryptWith, type Identities, readIdentities, recipientOf } from "../age";
import { confinedLogin, confinedOptions, contentsList, makeExtensions } from "./confined";
import { withConfinedLogin } from "./confined-login";
import { confinedEntries, grantEntries, leftOut, otherOwners, withoutHouse } from "./entries";
import { checkOwner, handOver } from "./hand-over";
import { readManifest } from "../store/list";
import type { Manifest } from "../store/manifest";
import { Meter } from "../meter";
import { dataName, manifestName, parseName } from "../store/names";
import { feed, withDatabase } from "../programs";
import { storeOf } from "../store/store";
import type { Store } from "../store/types";
import { alone, checkFree, checkMayCreate, dropScratch, makeScratch, publish, scratchDatabase } from "./target";
import { checkBytes } from "./verify";

/** A restore by a login without any rights beyond the new database. */
export interface Confinement {
  /** Folder for files of the run. */
  readonly folder: string;
  /** Give all of it to a role, by default the one in the dump. Default: it stays the login's, as on a throwaway server. */
  readonly handOver?: { readonly owner?: string | undefined };
}

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
  /** Default: what the dump brings along runs as the server's login, which is the superuser or the administrator. */
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
  if (parseName(name) === undefined) throw new Failure(`${name} is not the name of a logical backup`);
  const objects = new Set((await store.list()).map((object) => object.name));
  if (!objects.has(manifestName(name))) {
    const unfinished = objects.has(dataName(name));
    throw new Failure(
      unfinished
        ? `${name} has no manifest: it is incomplete, or is being removed`
        : `${store.describe()} has no backup ${name}`,
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

const programOf = ({ job }: Run): string => join(job.postgresBin, "pg_restore");

/** The table of contents of the archive. */
async function listed(run: Run, folder: string): Promise<string> {
  const { job, context } = run;
  const archive = await archiveOf(run, new Meter(() => undefined));
  return contentsList(archive, { bin: job.postgresBin, folder, signal: context.signal });
}

/** The archive into the scratch database, in one transaction. @param options further options of `pg_restore` */
async function fill(run: Run, server: DatabaseServer, options: readonly string[]): Promise<void> {
  const { context, manifest } = run;
  const meter = new Meter((text) => {
    context.progress(`restoring ${manifest.name}: ${text}`);
  });
  const common = ["--single-transaction", "--exit-on-error", "--no-password", `--dbname=${scratchDatabase}`];
  const args = [...common, ...options];
  await withDatabase(server, scratchDatabase, async (environment) => {
    await feed(
      { program: programOf(run), args, variables: environment, signal: context.signal },
      await archiveOf(run, meter),
    );
  });
  if (meter.measure().sha256 !== manifest.sha256)
    throw new Failure(`${manifest.name} has changed since it was checked`);
  context.progress(`restoring ${manifest.name}: statistics`);
  // An archive has none, and without them the first queries are planned at random.
  await inSession(server, (inside) => inside.query("ANALYZE"), scratchDatabase);
  context.signal.throwIfAborted();
}

/** Grants of the archive, as the login that owns everything yet: what it may not give is told, and left out. */
async function grant(run: Run, server: DatabaseServer, options: readonly string[]): Promise<void> {
  const { context, manifest } = run;
  const args = ["--no-password", `--dbname=${scratchDatabase}`, ...options];
  await withDatabase(server, scratchDatabase, async (environment) => {
    const archive = await archiveOf(run, new Meter(() => undefined));
    await feed({ program: programOf(run), args, variables: environment, signal: context.signal }, archive);
  }).catch((error: unknown) => {
    context.signal.throwIfAborted();
    if (!(error instanceof ProgramError)) throw error;
    context.note(`${manifest.name}: not every grant was restored:\n${error.output}`);
  });
}

/** Restores as a login without rights, and then gives what it has made to its owner. */
async function fillConfined(
  run: Run,
  login: DatabaseServer,
  { folder, owner }: { readonly folder: string; readonly owner?: string },
): Promise<void> {
  const { request, manifest } = run;
  const { extensions = [] } = manifest;
  await inSession(request.server, (inside) => makeExtensions(inside, extensions), scratchDatabase);
  const list = await listed(run, folder);
  const content = await confinedOptions(folder, "content", confinedEntries(list, extensions));
  await fill(run, login, [...content, ...withoutHouse]);
  if (owner === undefined) return;
  await grant(run, login, await confinedOptions(folder, "grants", grantEntries(list)));
  const left = await inSession(request.server, (inside) => handOver(inside, owner, manifest), scratchDatabase);
  reportSkipped(run, { list, owner, left });
}

function reportSkipped({ context, manifest }: Run, what: { list: string; owner: string; left: string[] }): void {
  const { list, owner, left } = what;
  const notes = [
    ...leftOut(list),
    ...left.map((role) => `default privileges of or for ${role}`),
    ...(manifest.defaultPrivileges === undefined ? ["default privileges, which the dump does not list"] : []),
  ];
  if (notes.length > 0) context.note(`skipped, because only a superuser can restore it: ${notes.join(", ")}`);
  const others = otherOwners(list, manifest.creation.owner);
  if (others.length > 0) context.note(`objects of ${others.join(", ")} now belong to ${owner}`);
}

async function restoreAlone(run: Run, client: Client): Promise<void> {
  const { request, manifest } = run;
  const { confined, server } = request;
  await checkFree(client, request.into);
  let made = false;
  try {
    if (confined === undefined) {
      await makeScratch(client, manifest.creation, { superuser: !isRemote(server) });
      made = true;
      await fill(run, server, []);
      await publish(client, manifest.creation.owner, request.into);
    } else {
      const { handOver: to } = confined;
      const owner = to && (await checkOwner(client, manifest, to.owner));
      await withConfinedLogin(server, { client, folder: confined.folder }, async (login) => {
        await makeScratch(client, manifest.creation, { superuser: false, owner: confinedLogin });
        made = true;
        await fillConfined(run, login, { folder: confined.folder, ...(owner === undefined ? {} : { owner }) });
      });
      await publish(client, owner ?? confinedLogin, request.into);
    }
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    // If the server is gone, too, the next restore drops it.
    await dropScratch(client, made).catch(() => undefined);
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
