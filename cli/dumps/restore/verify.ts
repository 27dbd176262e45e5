import { join } from "node:path";
import { pipeline as connected, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { LogicalJob } from "../job";
import { Failure } from "../../../lib/errors";
import type { Context } from "../../kit/answer";
import { decryptWith, type Identities } from "../age";
import { type Measure, Meter } from "../meter";
import { feed } from "../programs";
import type { Store } from "../store/types";

/** An object of a store, and what it was when it was written. */
export interface Checked {
  readonly store: Store;
  readonly object: string;
  readonly expected: Measure;
}

function compare({ store, object, expected }: Checked, found: Measure): void {
  const text = ({ bytes, sha256 }: Measure): string => `${bytes} bytes, SHA-256 ${sha256.slice(0, 12)}…`;
  if (found.bytes !== expected.bytes || found.sha256 !== expected.sha256)
    throw new Failure(`${object} in ${store.describe()} is damaged: ${text(found)}; it was ${text(expected)}`);
}

const nowhere = (): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });

const meterOf = ({ object }: Checked, { progress }: Context): Meter =>
  new Meter((text) => {
    progress(`checking ${object}: ${text}`);
  });

/** Reads an object to its end. @throws Failure if it is not what was written */
export async function checkBytes(checked: Checked, context: Context): Promise<void> {
  const meter = meterOf(checked, context);
  await pipeline(await checked.store.read(checked.object), meter, nowhere(), { signal: context.signal });
  compare(checked, meter.measure());
}

/**
 * Reads an object to its end, decrypts it, and has `pg_restore` read the archive as far as SQL.
 * @throws Failure if it is not what was written, ProgramError if the archive is none
 */
export async function checkArchive(
  job: LogicalJob,
  checked: Checked & { readonly identities: Identities },
  context: Context,
): Promise<void> {
  const meter = meterOf(checked, context);
  const archive = connected(
    await checked.store.read(checked.object),
    meter,
    decryptWith(checked.identities, checked.object),
    () => undefined,
  ) as unknown as AsyncIterable<Uint8Array>;
  const program = join(job.postgresBin, "pg_restore");
  await feed({ program, args: ["--file=/dev/null"], lowPriority: true, signal: context.signal }, archive);
  compare(checked, meter.measure());
}
