import type { LogicalJob } from "./job";
import { Failure } from "../../lib/errors";
import { type Identities, readIdentities, recipientOf } from "./age";

/** What a backup is encrypted to, and what opens it if this machine has that. */
export interface Keys {
  readonly recipient: string;
  readonly identities?: Identities;
}

/** @throws Failure if the job names neither key, or its identity file is none */
export async function keysOf({ logical: { recipient, identityFile } }: LogicalJob): Promise<Keys> {
  if (identityFile === undefined) {
    if (recipient === undefined) throw new Failure("logical backups need an age recipient or an identity file");
    return { recipient };
  }
  const identities = await readIdentities(identityFile);
  const own = await Promise.all(identities.map(recipientOf));
  const chosen = recipient ?? own[0] ?? "";
  return own.includes(chosen) ? { recipient: chosen, identities } : { recipient: chosen };
}
